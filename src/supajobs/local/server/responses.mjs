export function json(body, status = 200, headers = {}) {
  const common = {
    "content-type": "application/json; charset=utf-8",
    "access-control-allow-origin": "*",
  };
  return new Response(JSON.stringify(body), { status, headers: { ...common, ...headers } });
}

/** An error as the Auth API words it. */
export function authError(status, error_code, msg) {
  return json({ code: status, error_code, msg }, status);
}
