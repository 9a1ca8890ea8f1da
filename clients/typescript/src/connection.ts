import { NoAnswerError, NotAuthenticatedError, readRefusal } from './errors.ts'
import type { AnyJobTypes, DefinedJobTypes, JobTypes } from './job-types.ts'
import { heed } from './pauses.ts'
import { repeat } from './repeats.ts'

/**
 * The access token of the user's session, asked for before each request:
 *
 *     getToken: async () => (await supabase.auth.getSession()).data.session?.access_token
 *
 * `refused`: the token that the API has just refused. If there is another one, that is tried.
 */
export type GetToken = (
  refused?: string,
) => Promise<string | null | undefined> | string | null | undefined

export interface ConnectionOptions {
  /** Where the API is, with the prefix under which your app serves it, if there is one. */
  baseUrl: string | URL
  getToken: GetToken
  /** By default the global one. */
  fetch?: typeof fetch | undefined
}

/** What all calls take. */
export interface CallOptions {
  /** Aborts the call, which then throws the signal's reason. */
  signal?: AbortSignal | undefined
}

export interface Call {
  method?: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT'
  query?: Readonly<Record<string, string | number | readonly string[] | undefined>>
  headers?: Readonly<Record<string, string | null | undefined>>
  body?: unknown
  /** In place of the user's token. */
  secret?: string
}

export interface Answer<Body> {
  body: Body
  headers: Headers
}

/** A client, to those that send more than it does itself. */
export interface Connected<Types extends JobTypes = AnyJobTypes> extends DefinedJobTypes<Types> {
  readonly connection: Connection
}

/** What the API answers in. Another program may be at a wrong address, and answer well. */
const OURS = /json|event-stream/u
const SLASHES = /\/+$/u

/** The way to the API. */
export class Connection {
  readonly getToken: GetToken
  /** React Native's fetch keeps an answer until it is complete; others can be given to the client. */
  readonly canStream: boolean
  readonly #root: string
  readonly #fetch: typeof fetch

  constructor({ baseUrl, getToken, fetch: own }: ConnectionOptions) {
    this.getToken = getToken
    this.canStream = own !== undefined || 'body' in Response.prototype
    this.#root = `${String(baseUrl).replace(SLASHES, '')}/v1`
    // Not as a method: browsers refuse theirs as one of anything but the window.
    this.#fetch = (...request) => (own ?? fetch)(...request)
  }

  /** The body of what `send` answers with. */
  async call<Body>(path: string, call?: Call, options?: CallOptions): Promise<Body> {
    return (await this.send<Body>(path, call, options)).body
  }

  /**
   * A request of the user. It is repeated if the API is away for a moment: none does twice what one
   * does. Of some, the answer that was lost is a refusal then: deleted before, say.
   *
   * Throws what `open` throws.
   */
  send<Body>(path: string, call: Call = {}, { signal }: CallOptions = {}): Promise<Answer<Body>> {
    return repeat(async () => {
      const response = await this.#openAsUser(path, call, signal)
      return {
        headers: response.headers,
        body: response.status === 204 ? undefined : await arrival(response.json(), signal),
      }
    }, signal)
  }

  /**
   * One request, answered well, or with 304.
   *
   * Throws an ApiError if it is refused, a NoAnswerError if no answer comes, a TypeError for what
   * cannot be sent.
   */
  async open(
    path: string,
    call: Call,
    token: string | null | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { method = 'GET', body } = call
    const address = this.#root + path + writeQuery(call.query)
    const told = Object.entries({
      ...call.headers,
      Authorization: token && `Bearer ${token}`,
      'Content-Type': body === undefined ? '' : 'application/json',
    }).filter(([, value]) => value) as [string, string][]
    // What cannot be sent is no outage.
    const { headers } = new Request(address, { headers: told })
    const init = { method, headers, body: JSON.stringify(body), signal: signal ?? null }
    const response = await arrival(this.#fetch(address, init), signal)
    const type = response.headers.get('Content-Type')
    if (response.status === 304 || (response.ok && OURS.test(type ?? 'json'))) {
      return response
    }
    throw await arrival(readRefusal(response), signal)
  }

  async #openAsUser(path: string, call: Call, signal?: AbortSignal): Promise<Response> {
    const { secret } = call
    const token = secret ?? (await heed(this.getToken(), signal))
    try {
      return await this.open(path, call, token, signal)
    } catch (error) {
      const isRefused = token && !secret && error instanceof NotAuthenticatedError
      const another = isRefused && (await heed(this.getToken(token), signal))
      if (!another || another === token) {
        throw error
      }
      return this.open(path, call, another, signal)
    }
  }
}

/** What comes over the network; a NoAnswerError if it breaks off on the way. */
export async function arrival<Value>(
  coming: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  try {
    return await heed(coming, signal)
  } catch (error) {
    signal?.throwIfAborted()
    // biome-ignore lint/style/useErrorCause: it has it, and needs no words of ours
    throw new NoAnswerError({ cause: error })
  }
}

/** A path, in which each value is one part, whatever is in it: pathOf`/jobs/${id}`. */
export function pathOf(parts: TemplateStringsArray, ...values: string[]): string {
  return String.raw(parts, ...values.map(encodeURIComponent))
}

function writeQuery(query: Call['query'] = {}): string {
  const written = Object.entries(query)
    .flatMap(([name, value]) =>
      [value ?? []].flat().map((each) => `${name}=${encodeURIComponent(each)}`),
    )
    .join('&')
  return written && `?${written}`
}
