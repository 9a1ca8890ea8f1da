// Function calls (POST /rest/v1/rpc/NAME) in one round trip to the database and without taking
// JSON apart: what an app with its logic in SQL does all day. It is done the way PostgREST does
// it; every call that is not plain (filters, sets, overloads, wrong arguments) is left to lite.

import { errorResponse, isSqlState } from "./errors.mjs";

const PATH = /^\/rest\/v1\/rpc\/(\w+)$/;
const PLAIN_ANSWER = [undefined, "*/*", "application/json"];
const JSON_HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "content-range": "0-0/*",
};

export class RpcCalls {
  #sql;
  #schemas;
  #context;
  #functions = new Map();

  constructor(sql, schemas, context) {
    this.#sql = sql;
    this.#schemas = schemas;
    this.#context = context;
  }

  /** Read which functions can be called: those without overloads that do not return sets. */
  async load() {
    const rows = await this.#sql`
      select
        nspname as schema, proname as name, prorettype = 'void'::regtype as is_void,
        coalesce(proargnames[:pronargs], '{}') as names, pronargs - pronargdefaults as required,
        array(
          select format_type(type, null)
          from unnest(proargtypes) with ordinality as argument (type, position)
          order by position
        ) as types
      from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
      where nspname = any (${this.#schemas}) and prokind = 'f' and not proretset
        and provariadic = 0 and proargmodes is null and '' <> all (coalesce(proargnames, '{}'))
        and (pronargs = 0 or proargnames is not null)
        and not exists (
          select from pg_proc as other
          where other.pronamespace = pg_proc.pronamespace and other.proname = pg_proc.proname
            and other.oid <> pg_proc.oid
        )`;
    this.#functions = new Map(rows.map((row) => [`${row.schema}.${row.name}`, row]));
  }

  /** The function that a request calls, if this module can do it. */
  match(path, { method, headers }) {
    const name = method === "POST" && PATH.exec(path)?.[1];
    if (!name || headers.prefer) return undefined;
    if (!/^application\/json\b/.test(headers["content-type"])) return undefined;
    if (!PLAIN_ANSWER.includes(headers.accept)) return undefined;
    return this.#functions.get(`${headers["content-profile"] ?? this.#schemas[0]}.${name}`);
  }

  /** The answer to a call with this JSON text; undefined if the arguments do not fit. */
  async call(procedure, json, { claims, path, headers }) {
    const names = argumentNames(json);
    if (!names || !fits(procedure, names)) return undefined;
    const request = { claims, method: "POST", path: path.slice("/rest/v1".length), headers };
    const settings = settingsStatement(this.#context.settings(request));
    try {
      // One message with two statements is one transaction.
      const script = `${settings};${callStatement(procedure, names, json)}`;
      const [, [row]] = await this.#runAlone(script);
      return response(row, procedure);
    } catch (error) {
      return errorResponse(error, claims.role);
    }
  }

  /** On a connection of its own: the driver would let it wait behind slow ones while others idle. */
  async #runAlone(script) {
    const connection = await this.#sql.reserve();
    let isLost = false;
    try {
      return await connection.unsafe(script);
    } catch (error) {
      isLost = error.severity === "FATAL" || !isSqlState(error);
      throw error;
    } finally {
      if (!isLost) connection.release(); // a lost one the driver takes back by itself
    }
  }
}

function argumentNames(json) {
  try {
    const value = json ? JSON.parse(json) : {};
    return value && typeof value === "object" && !Array.isArray(value) && Object.keys(value).sort();
  } catch {
    return undefined;
  }
}

/** Arguments without a default come first in the catalog, as they do in the function. */
function fits({ names, required }, given) {
  return (
    given.every((name) => names.includes(name)) &&
    names.slice(0, required).every((name) => given.includes(name))
  );
}

const identifier = (name) => `"${name.replaceAll('"', '""')}"`;
const literal = (text) => `'${text.replaceAll("'", "''")}'`; // standard_conforming_strings is on

function settingsStatement(settings) {
  const calls = settings.map(([name, value]) => `set_config('${name}', ${literal(value)}, true)`);
  return `select ${calls.join(", ")}`;
}

/** `to_json` leaves jsonb alone; the settings are read after the function has run. */
function callStatement({ schema, name, names, types }, given, json) {
  const columns = given.map((each) => `${identifier(each)} ${types[names.indexOf(each)]}`);
  const values = given.map((each) => `${identifier(each)} => given.${identifier(each)}`);
  const source = `json_to_record(${literal(json)}) as given (${columns.join(", ")})`;
  const call = `${identifier(schema)}.${identifier(name)}(${values.join(", ")})`;
  return `
    select to_json(result)::text as body, current_setting('response.status', true) as status,
      current_setting('response.headers', true) as headers
    from (select ${call} as result ${given.length ? `from ${source}` : ""} offset 0) as called`;
}

function response({ body, status, headers }, { is_void: isVoid }) {
  const chosen = headers ? JSON.parse(headers).map((header) => Object.entries(header)[0]) : [];
  return new Response(isVoid ? null : (body ?? "null"), {
    status: Number(status) || (isVoid ? 204 : 200),
    headers: { ...JSON_HEADERS, ...Object.fromEntries(chosen) },
  });
}
