export function json(body, status = 200, headers = {}) {
  const type = { "content-type": "application/json; charset=utf-8" };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...headers } });
}

/** An error as the Auth API words it. */
export function authError(status, error_code, msg) {
  return json({ code: status, error_code, msg }, status);
}

/** The same, for a page from elsewhere to read: also what refuses it. */
export function readable(response) {
  response.headers.set("access-control-allow-origin", "*");
  return response;
}

/** What a browser is told before it sends the request of a page from elsewhere: that it may. */
export function allow(headers) {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
      "access-control-max-age": "86400",
    },
  });
}
