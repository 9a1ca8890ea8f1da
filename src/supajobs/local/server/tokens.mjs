// User tokens are ES256 with a public JWKS, as on Supabase; @supabase/lite knows only HS256. So
// they are signed again where they pass: ES256 on the way out, HS256 on the way in.

import { createPrivateKey, createPublicKey } from "node:crypto";
import * as jose from "jose";

const CACHE_LIMIT = 10_000;

export class Tokens {
  #secret;
  #privateKey;
  #publicKey;
  #kid;
  #issuer;
  #verified = new Map();

  constructor({ jwtSecret, signingKey, issuer }) {
    const { d: _, ...publicJwk } = signingKey;
    this.#secret = new TextEncoder().encode(jwtSecret);
    this.#privateKey = createPrivateKey({ key: signingKey, format: "jwk" });
    this.#publicKey = createPublicKey({ key: publicJwk, format: "jwk" });
    this.#kid = signingKey.kid;
    this.#issuer = issuer;
    this.jwks = { keys: [{ ...publicJwk, key_ops: ["verify"] }] };
  }

  /**
   * The claims of a genuine ES256 token, and the token in HS256 as `inner`; undefined for every
   * other. It may have expired: lite, who has the words for that, looks at `exp` again.
   */
  async verify(token) {
    const known = this.#verified.get(token);
    if (known) return known;
    try {
      if (jose.decodeProtectedHeader(token).alg !== "ES256") return undefined;
      const { payload } = await jose.compactVerify(token, this.#publicKey);
      const claims = JSON.parse(new TextDecoder().decode(payload));
      const inner = await new jose.SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .sign(this.#secret);
      if (this.#verified.size >= CACHE_LIMIT) this.#verified.clear();
      this.#verified.set(token, { claims, inner });
      return { claims, inner };
    } catch {
      return undefined;
    }
  }

  /** Replace a session's access token by an ES256 one with the claims that Supabase puts in. */
  async outward(session) {
    const claims = jose.decodeJwt(session.access_token);
    const { email, phone, app_metadata, user_metadata, is_anonymous } = session.user;
    const method = is_anonymous ? "anonymous" : "password";
    session.access_token = await new jose.SignJWT({
      iss: this.#issuer,
      ...claims,
      email,
      phone,
      app_metadata,
      user_metadata,
      is_anonymous,
      aal: "aal1",
      amr: [{ method, timestamp: claims.iat }],
    })
      .setProtectedHeader({ alg: "ES256", kid: this.#kid, typ: "JWT" })
      .sign(this.#privateKey);
  }

  /** What a legacy API key stands for, which is an HS256 token itself; undefined if it is none. */
  async legacyKey(key) {
    try {
      const { payload } = await jose.jwtVerify(key, this.#secret);
      if (payload.role === "anon") return { type: "publishable", claims: payload };
      if (payload.role === "service_role") return { type: "secret", claims: payload };
    } catch {
      // an unknown key, and nothing more
    }
    return undefined;
  }
}
