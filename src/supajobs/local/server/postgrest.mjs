// The database connections of @supabase/lite, and what lite 0.10 does differently from PostgREST
// put right: value formats, error codes, grants, timeouts.

import { createPostgresConnection } from "@supabase/lite/postgres";
import { sql } from "kysely";
import { errorBody, httpStatus, isSqlState } from "./errors.mjs";

const POOL_SIZE = 20;

export function createConnection(databaseUrl, context) {
  const connection = createPostgresConnection({
    url: databaseUrl,
    postgresOptions: {
      max: POOL_SIZE,
      onnotice: () => {},
      connection: {
        application_name: "postgrest",
        search_path: "public, extensions",
        standard_conforming_strings: "on",
      },
      types,
    },
  });
  // Left alone it grants everything to anon, authenticated and service_role.
  connection.ensureRlsContext = async () => true;
  enterContextAtOnce(connection, context);
  answerErrorsLikePostgrest(connection);
  return connection;
}

const types = {
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: isoTimestamp },
  timestamp: { to: 1114, from: [1114], serialize: String, parse: isoTimestamp },
  numeric: { to: 1700, from: [1700], serialize: String, parse: numberOrText },
  json: { to: 114, from: [114], serialize: jsonText, parse: JSON.parse },
  jsonb: { to: 3802, from: [3802], serialize: jsonText, parse: JSON.parse },
};

/** `2026-01-31 10:00:00.5+00` as JSON has it: `2026-01-31T10:00:00.5+00:00`. */
function isoTimestamp(text) {
  if (!/^\d{4,}-\d\d-\d\d /.test(text)) return text; // infinity
  const iso = text.replace(" ", "T");
  return /[+-]\d\d$/.test(iso) ? `${iso}:00` : iso;
}

function numberOrText(text) {
  const number = Number(text);
  return Number.isFinite(number) ? number : text; // NaN and Infinity are not JSON
}

/** lite hands over most JSON as text already: as a string it would be encoded twice. */
function jsonText(value) {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

/** Sets role, claims and timeout of a request in one statement, where lite takes up to nine. */
function enterContextAtOnce(connection, context) {
  const original = connection.withContext.bind(connection);
  connection.withContext = (vars, run, options) => {
    const isPlain = vars && !options?.transaction && !options?.forceRollback;
    if (!isPlain) return original(vars, run, options);
    const call = options?.rpc;
    const headers = call?.requestHeaders;
    const settings = context.settings({ ...call, claims: vars.auth?.jwt, headers });
    return connection.kysely.transaction().execute(async (transaction) => {
      const values = settings.map(([name, value]) => sql`set_config(${name}, ${value}, true)`);
      await sql`select ${sql.join(values)}`.execute(transaction);
      return run(transaction);
    });
  };
}

// Codes which lite already answers as PostgREST does.
const ANSWERED = /^(PT...|42501|42P01|42703|42883|PGRST|22023)$/;

function answerErrorsLikePostgrest(connection) {
  const normalize = connection.normalizeDbError.bind(connection);
  connection.normalizeDbError = (thrown) => {
    const error = normalize(thrown);
    const code = error?.code;
    if (!error || !isSqlState(error) || ANSWERED.test(code)) return error;
    // lite answers this code by the error's text: the way `raise sqlstate 'PGRST'` works.
    return Object.assign(new Error(JSON.stringify(errorBody(code, error))), {
      code: "PGRST",
      detail: JSON.stringify({ status: httpStatus(code, error.message), headers: {} }),
    });
  };
}
