// What PostgREST tells the database about a request before it runs the query.

export class RequestContext {
  #timeouts = new Map();

  /** Roles have their own statement_timeout, which `set role` alone does not bring along. */
  async load(sql) {
    const rows = await sql`
      select rolname, substring(setting from '=(.*)') as timeout
      from pg_roles, unnest(rolconfig) as setting
      where setting like 'statement_timeout=%'`;
    this.#timeouts = new Map(rows.map((row) => [row.rolname, row.timeout]));
  }

  /** The settings of one transaction as [name, value]; `role` last, for it takes rights away. */
  settings({ claims, method, path, headers, readOnly }) {
    const role = claims?.role || "anon";
    const timeout = this.#timeouts.get(role) ?? this.#timeouts.get("authenticator") ?? "8s";
    const settings = [
      ["request.jwt.claims", claims ? JSON.stringify(claims) : ""],
      ["statement_timeout", timeout],
    ];
    if (method)
      settings.push(
        ["request.method", method],
        ["request.path", path],
        ["request.headers", JSON.stringify(headers)],
      );
    if (readOnly) settings.push(["transaction_read_only", "on"]);
    settings.push(["role", role]);
    return settings;
  }
}
