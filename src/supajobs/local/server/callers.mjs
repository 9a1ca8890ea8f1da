// Who calls: the API key, and the user's token beside it.

const BEARER = /^bearer (\S+)$/i;

export class Callers {
  #settings;
  #tokens;

  constructor(settings, tokens) {
    this.#settings = settings;
    this.#tokens = tokens;
  }

  /** What an API key stands for: {type, claims}; undefined if it is none. */
  key(key) {
    const { secret_key, publishable_key } = this.#settings;
    if (key === secret_key) return { type: "secret", claims: { role: "service_role" } };
    if (key === publishable_key) return { type: "publishable", claims: { role: "anon" } };
    return key && this.#tokens.legacyKey(key);
  }

  /** The claims of a caller beyond doubt; undefined where lite has something to object. */
  async claims({ apikey, authorization, "user-agent": agent }) {
    const key = await this.key(apikey);
    if (!key || (key.type === "secret" && /^Mozilla/i.test(agent))) return undefined;
    const token = BEARER.exec(authorization ?? "")?.[1] ?? apikey;
    if (token === apikey || token.startsWith("sb_")) return key.claims;
    const verified = await this.#tokens.verify(token);
    return verified?.claims.exp > Date.now() / 1000 ? verified.claims : undefined;
  }

  /** A user's token in the form that lite can read; undefined if it is not one of ours. */
  async innerToken({ authorization }) {
    const token = BEARER.exec(authorization ?? "")?.[1];
    return token && (await this.#tokens.verify(token))?.inner;
  }
}
