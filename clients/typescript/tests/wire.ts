/** An API at the other end of `fetch`: what it was asked, and what it answers. */

import type { AnyJobTypes, Client, ClientOptions, Job, JobStatus } from '../src/index.ts'
import { createClient } from '../src/index.ts'

export interface Sent {
  method: string
  path: string
  headers: Headers
  body: unknown
  at: number
  signal: AbortSignal
}

type Reply = Response | Error | ((sent: Sent) => Response | Promise<Response>)

export class Wire {
  readonly sent: Sent[] = []
  readonly #replies: Reply[] = []
  #otherwise: Reply = new Error('nothing was to be asked')

  /** Answers the next requests so, one after the other. */
  answer(...replies: Reply[]): this {
    this.#replies.push(...replies)
    return this
  }

  /** Answers so what comes then. */
  thenAlways(reply: Exclude<Reply, Response>): this {
    this.#otherwise = reply
    return this
  }

  readonly fetch: typeof fetch = async (address, init) => {
    const request = new Request(address, init)
    const text = await request.clone().text()
    const sent = {
      method: request.method,
      path: request.url.replace('http://api.test/v1', ''),
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined,
      at: Date.now(),
      signal: request.signal,
    }
    this.sent.push(sent)
    const reply = this.#replies.shift() ?? this.#otherwise
    if (reply instanceof Error) {
      throw reply
    }
    return typeof reply === 'function' ? reply(sent) : reply
  }

  client(options: Partial<ClientOptions<AnyJobTypes>> = {}): Client {
    const { fetch } = this
    return createClient({ baseUrl: 'http://api.test/', getToken: () => 'token', fetch, ...options })
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  more: object = {},
): Response {
  const body = { type: 'about:blank', title: code, status, code, detail: `It is ${code}.`, ...more }
  const type = { 'Content-Type': 'application/problem+json' }
  return new Response(JSON.stringify({ trace_id: 't', ...body }), {
    status,
    headers: { ...type, ...headers },
  })
}

export const ID = '019f0000-0000-7000-8000-000000000001'

export function job(status: JobStatus, more: Partial<Job> = {}): Job {
  const ended = ['completed', 'failed', 'cancelled'].includes(status)
  return {
    id: ID,
    job_id: ID,
    job_type: 'story',
    status,
    params: {},
    result: null,
    error: null,
    progress: null,
    completed_at: ended ? '2026-11-30T12:00:00Z' : null,
    updated_at: '2026-11-30T12:00:00Z',
    ...more,
  } as unknown as Job
}

/** A job as `GET /v1/jobs/{id}` answers. */
export function read(state: Job, tag: string): Response {
  return json(state, 200, { ETag: `W/"${tag}"` })
}

/** A stream of events, which ends as a test wants it to. */
export class Events {
  readonly response: Response
  isCancelled = false
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor() {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller
      },
      cancel: () => {
        this.isCancelled = true
      },
    })
    this.response = new Response(body, { headers: { 'Content-Type': 'text/event-stream' } })
  }

  /** Through `fetch` an abort breaks the stream. */
  readonly open = (sent: Sent): Response => {
    sent.signal.addEventListener('abort', () => this.break(), { once: true })
    return this.response
  }

  tell(state: Job, version: string): this {
    return this.say(`event: job\ndata: ${JSON.stringify(state)}\nid: ${version}\n\n`)
  }

  say(text: string): this {
    this.#controller?.enqueue(new TextEncoder().encode(text))
    return this
  }

  end(): this {
    this.#controller?.close()
    return this
  }

  break(): void {
    try {
      this.#controller?.error(new TypeError('terminated'))
    } catch {
      // It had ended before.
    }
  }
}
