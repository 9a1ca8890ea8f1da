// Signing up, in and refreshing: lite does it, but for anonymous users and the form of the tokens.

import { authError, json } from "./responses.mjs";
import { insertUser, userColumns } from "./users.mjs";

const PASSWORD_GRANT = "http://127.0.0.1/auth/v1/token?grant_type=password";

export class Sessions {
  #sql;
  #tokens;
  #settings;

  constructor(sql, tokens, settings) {
    this.#sql = sql;
    this.#tokens = tokens;
    this.#settings = settings;
  }

  /** Answer a request for a session; `lite` is a function that lets lite answer a request. */
  async answer(request, lite) {
    const response = await this.#answerWithInnerToken(request, lite);
    if (!response.ok) return response;
    const text = await response.text();
    const session = text && JSON.parse(text);
    if (!session?.access_token) return new Response(text, response);
    const [user] = await this.#sql`
      select ${userColumns(this.#sql)} from auth.users where id = ${session.user.id}`;
    session.user = { ...user, identities: session.user.identities };
    await this.#tokens.outward(session);
    return json(session);
  }

  async #answerWithInnerToken(request, lite) {
    if (request.method !== "POST" || !request.url.endsWith("/signup")) return lite(request);
    const body = await request.text();
    const { email, phone, data } = body ? JSON.parse(body) : {};
    if (email || phone) return lite(new Request(request.url, { ...copy(request), body }));
    if (!this.#settings.config.auth.enable_anonymous_sign_ins)
      return authError(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled");
    return this.#signInAnonymously(data, lite);
  }

  /** lite knows only users with a password, so for one moment this user has one. */
  async #signInAnonymously(user_metadata, lite) {
    const id = crypto.randomUUID();
    const email = `${id}@anonymous.invalid`;
    const password = crypto.randomUUID();
    await insertUser(this.#sql, { id, password, user_metadata });
    await this.#sql`update auth.users set email = ${email} where id = ${id}`;
    const headers = { apikey: this.#settings.publishable_key, "content-type": "application/json" };
    const body = JSON.stringify({ email, password });
    const response = await lite(new Request(PASSWORD_GRANT, { method: "POST", headers, body }));
    await this.#sql`
      update auth.users set email = null, encrypted_password = null where id = ${id}`;
    return response;
  }
}

const copy = ({ method, headers }) => ({ method, headers });
