// The REST and Auth server of the local stack: @supabase/lite on PostgreSQL, and around it what
// the hosted service has and lite lacks. Settings come as JSON in the variable SUPAJOBS_REST.

import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { App } from "@supabase/lite";
import { administerUsers } from "./admin.mjs";
import { Callers } from "./callers.mjs";
import { RequestContext } from "./context.mjs";
import { createConnection } from "./postgrest.mjs";
import { allow, authError, json, readable } from "./responses.mjs";
import { RpcCalls } from "./rpc.mjs";
import { Sessions } from "./sessions.mjs";
import { Tokens } from "./tokens.mjs";

const settings = JSON.parse(process.env.SUPAJOBS_REST);
const { api, auth } = settings.config;
const tokens = new Tokens({
  jwtSecret: settings.jwt_secret,
  signingKey: settings.signing_key,
  issuer: `http://127.0.0.1:${settings.port}/auth/v1`,
});
const callers = new Callers(settings, tokens);
const context = new RequestContext();
const connection = createConnection(settings.database_url, context);
const sql = connection.driver;
const rpc = new RpcCalls(sql, api.schemas, context);
const sessions = new Sessions(sql, tokens, settings);
const app = new App({
  connection,
  api,
  auth: {
    ...auth,
    enabled: true,
    jwt_secret: settings.jwt_secret,
    publishable_key: settings.publishable_key,
    secret_key: settings.secret_key,
  },
  options: {
    server: {
      disableStudio: true,
      disableFallback: true,
      admin: false,
      apiKeys: { resolver: (key) => callers.key(key) },
    },
  },
});

await app.ensureSystemSchema();
await sql.unsafe(readFileSync(new URL("auth.sql", import.meta.url), "utf8"));
await reloadSchema();
await sql.listen("pgrst", () => reloadSchema().catch(console.error));

async function reloadSchema() {
  await Promise.all([context.load(sql), rpc.load()]);
  connection.clearSchemaCache();
}

async function answer(request, { incoming }) {
  const [path] = incoming.url.split("?", 1);
  const asksFirst = "access-control-request-method" in incoming.headers;
  if (incoming.method === "OPTIONS" && asksFirst) return allow(incoming.headers);
  const procedure = rpc.match(incoming.url, incoming);
  if (procedure) return callFunction(procedure, request, incoming);
  if (path === "/health") return answerHealth();
  if (path === "/auth/v1/.well-known/jwks.json") return json(tokens.jwks);
  if (path.startsWith("/auth/v1/admin/users")) return answerAdmin(request, incoming);
  if (/^\/auth\/v1\/(token|signup|verify)$/.test(path))
    return sessions.answer(request, (inner) => lite(inner, incoming));
  return lite(request, incoming);
}

/** Let lite answer, after a user's token was changed for one that it can read. */
async function lite(request, incoming) {
  const inner = await callers.innerToken(incoming.headers);
  if (inner) request.headers.set("authorization", `Bearer ${inner}`);
  return app.fetch(request, { peerAddress: incoming.socket.remoteAddress ?? null });
}

async function callFunction(procedure, request, incoming) {
  const { method, headers, url: path } = incoming;
  const claims = await callers.claims(headers);
  if (!claims) return lite(request, incoming);
  const body = await request.text();
  const response = await rpc.call(procedure, body, { claims, path, headers });
  return response ?? lite(new Request(request.url, { method, headers, body }), incoming);
}

async function answerAdmin(request, { headers }) {
  const key = await callers.key(headers.apikey ?? headers.authorization?.slice("Bearer ".length));
  if (key?.type !== "secret")
    return authError(401, "no_authorization", "This endpoint requires a valid Bearer token");
  return administerUsers(sql, request);
}

async function answerHealth() {
  try {
    await sql`select 1`;
    return json({ status: "ok" });
  } catch (error) {
    return json({ status: String(error) }, 503);
  }
}

const server = serve({
  port: settings.port,
  hostname: "127.0.0.1",
  fetch: async (request, env) => readable(await answer(request, env)),
});

function stop() {
  server.close();
  server.closeIdleConnections();
  sql.end({ timeout: 1 }).finally(() => process.exit(0)); // s; Postgres may be gone
}
// The driver listens again by itself when Postgres restarts, and may find it not ready yet.
process.on("unhandledRejection", console.error);
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
