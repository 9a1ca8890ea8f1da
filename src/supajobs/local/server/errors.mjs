// Database errors as PostgREST answers them.

import { constants } from "node:os";
import { json } from "./responses.mjs";

/** SQLSTATE to HTTP status, as in PostgREST's documentation of errors. */
export function httpStatus(code, message, role) {
  if (/^PT[2-5]\d\d$/.test(code)) return Number(code.slice(2));
  if (code === "42501") return role === "anon" ? 401 : 403;
  if (/^(08|53(?!400)|57P01)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  if (/^2350[35]$/.test(code)) return 409;
  if (code === "25006") return 405;
  if (code === "42883" || code === "42P01") return 404;
  if (code === "21000") return message.endsWith("requires a WHERE clause") ? 400 : 500;
  if (code === "P0001") return 400;
  if (code === "42P17") return 500;
  if (/^(09|25|2D|38|39|3B|40|53400|54|55|57|58|F0|HV|P0|PT|XX)/.test(code)) return 500;
  return 400;
}

/** Five capitals are also some names of Node's own errors: EPIPE is a lost connection. */
export const isSqlState = ({ code }) =>
  /^[0-9A-Z]{5}$/.test(code ?? "") && !(code in constants.errno);

/** The answer to a request whose query failed with this error of the driver. */
export function errorResponse(error, role) {
  if (error.code === "PGRST") return chosenResponse(error);
  if (isSqlState(error)) {
    return json(errorBody(error.code, error), httpStatus(error.code, error.message, role));
  }
  const lost = { message: "Database connection error", detail: String(error) };
  return json(errorBody("PGRST001", lost), 503);
}

export function errorBody(code, { message, detail, hint }) {
  return { code, message, details: detail ?? null, hint: hint ?? null };
}

/** `raise sqlstate 'PGRST'` chooses its answer: the body as message, the status as detail. */
function chosenResponse({ message, detail }) {
  try {
    const { status, headers } = JSON.parse(detail);
    return json(JSON.parse(message), status, headers);
  } catch {
    const reason = `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`;
    return json(errorBody("PGRST121", { message: reason }), 500);
  }
}
