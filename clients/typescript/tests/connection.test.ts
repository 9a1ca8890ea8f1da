import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  ApiError,
  ConflictError,
  InvalidRequestError,
  NoAnswerError,
  NotAuthenticatedError,
  NotFoundError,
  plansOf,
  SupajobsError,
  TooManyRequestsError,
  UnavailableError,
} from '../src/index.ts'
import { ID, job, json, problem, Wire } from './wire.ts'

let wire: Wire

beforeEach(() => {
  vi.useFakeTimers()
  wire = new Wire()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** What it comes to, with all the time that it wants. */
async function outcome<Value>(coming: Promise<Value>): Promise<Value> {
  coming.catch(() => undefined)
  await vi.runAllTimersAsync()
  return coming
}

describe('a token', () => {
  it('is asked for before each request', async () => {
    const getToken = vi.fn().mockReturnValueOnce('first').mockResolvedValueOnce('second')
    const client = wire.answer(json(job('pending')), json(job('pending'))).client({ getToken })
    await client.getJob(ID)
    await client.getJob(ID)
    const sent = wire.sent.map(({ headers }) => headers.get('Authorization'))
    expect(sent).toEqual(['Bearer first', 'Bearer second'])
    expect(getToken.mock.calls).toEqual([[], []])
  })

  it('is replaced when it is refused', async () => {
    const getToken = vi.fn((refused?: string) => (refused ? 'new' : 'old'))
    wire.answer(problem(401, 'not_authenticated'), json(job('pending')))
    await wire.client({ getToken }).getJob(ID)
    expect(wire.sent.map(({ headers }) => headers.get('Authorization'))).toEqual([
      'Bearer old',
      'Bearer new',
    ])
    expect(getToken).toHaveBeenLastCalledWith('old')
  })

  it('is not sent again once it was refused', async () => {
    wire.answer(problem(401, 'not_authenticated'))
    await expect(wire.client().getJob(ID)).rejects.toThrow(NotAuthenticatedError)
    expect(wire.sent).toHaveLength(1)
  })

  it('may be missing: then the API says so', async () => {
    wire.answer(problem(401, 'not_authenticated'))
    const refused = wire.client({ getToken: () => undefined }).getJob(ID)
    await expect(refused).rejects.toThrow(NotAuthenticatedError)
    expect(wire.sent[0]?.headers.has('Authorization')).toBe(false)
  })

  it('that cannot be had is an error of who gives it', async () => {
    const reason = new Error('no session')
    const client = wire.client({ getToken: () => Promise.reject(reason) })
    await expect(client.getJob(ID)).rejects.toBe(reason)
    expect(wire.sent).toEqual([])
  })
})

describe('a refusal', () => {
  it.each([
    [401, 'not_authenticated', NotAuthenticatedError],
    [404, 'job_not_found', NotFoundError],
    [409, 'job_finished', ConflictError],
    [422, 'invalid_request', InvalidRequestError],
    [429, 'rate_limited', TooManyRequestsError],
    [503, 'supabase_unavailable', UnavailableError],
    [403, 'role_refused', ApiError],
    [500, 'internal_error', ApiError],
  ])('%i is an error of its class', async (status, code, kind) => {
    const refusal = () =>
      problem(status, code, {}, { hint: 'Do this.', errors: [{ field: 'a', message: 'b' }] })
    wire.thenAlways(refusal)
    const error = await outcome(wire.client().getJob(ID)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(kind)
    expect(error).toBeInstanceOf(SupajobsError)
    expect(String(error)).toBe(`${kind.name}: It is ${code}.`)
    expect(error).toMatchObject({
      status,
      code,
      message: `It is ${code}.`,
      hint: 'Do this.',
      errors: [{ field: 'a', message: 'b' }],
      traceId: 't',
      retryAfter: null,
    })
  })

  it('comes from a wrong address, however well that answers', async () => {
    const page = () => new Response('<p>', { headers: { 'Content-Type': 'text/html' } })
    wire.thenAlways(page)
    const call = wire.client().createJob('story', { hero: 'Fox' })
    await expect(call).rejects.toMatchObject({
      code: 'unexpected_answer',
      status: 200,
      message: 'What answered 200 is not the API.',
    })
    expect(wire.sent).toHaveLength(1)
    expect(await plansOf(wire.client()).isServerGenerationAvailable()).toBe(false)
  })

  it('of a proxy is one too', async () => {
    wire.answer(new Response('<html>', { status: 413 }))
    await expect(wire.client().getJob(ID)).rejects.toMatchObject({
      code: 'unexpected_answer',
      status: 413,
      errors: [],
      traceId: null,
    })
  })

  it.each([
    ['7', 7],
    ['0', 0],
    ['Mon, 30 Nov 2026 12:00:30 GMT', 30],
    ['Mon, 30 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
  ])('says when to come back: %s', async (written, seconds) => {
    vi.setSystemTime('2026-11-30T12:00:00Z')
    wire.answer(problem(429, 'rate_limited', { 'Retry-After': written }))
    await expect(wire.client().getJob(ID)).rejects.toMatchObject({ retryAfter: seconds })
  })
})

describe('a request', () => {
  it.each([
    ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['502', () => new Response('', { status: 502 })],
    ['503', () => problem(503, 'server_busy', { 'Retry-After': '5' })],
  ])('is repeated after %s, with the same key', async (_, failure) => {
    wire.answer(failure, failure, json(job('pending'), 201))
    await outcome(wire.client().createJob('story', { hero: 'Fox' }))
    const keys = wire.sent.map(({ headers }) => headers.get('Idempotency-Key'))
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
  })

  it('waits for as long as the API wants', async () => {
    wire.answer(problem(503, 'server_busy', { 'Retry-After': '5' }), json(job('pending')))
    await outcome(wire.client().getJob(ID))
    const [first, second] = wire.sent.map(({ at }) => at)
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(5000)
  })

  it('is not repeated for ever', async () => {
    wire.thenAlways(new TypeError('fetch failed'))
    await expect(outcome(wire.client().getJob(ID))).rejects.toThrow(NoAnswerError)
    expect(wire.sent).toHaveLength(3)
  })

  it.each([
    ['500', () => problem(500, 'internal_error')],
    ['429', () => problem(429, 'rate_limited', { 'Retry-After': '1' })],
    ['504', () => problem(504, 'tool_too_slow')],
    ['a long Retry-After', () => problem(503, 'server_busy', { 'Retry-After': '60' })],
  ])('is not repeated after %s', async (_, failure) => {
    wire.answer(failure)
    await expect(wire.client().getJob(ID)).rejects.toThrow(ApiError)
    expect(wire.sent).toHaveLength(1)
  })

  it('whose answer breaks off has none', async () => {
    const half = new ReadableStream({ start: (answer) => answer.error(new TypeError('cut')) })
    wire.answer(new Response(half), json(job('pending')))
    await expect(outcome(wire.client().getJob(ID))).resolves.toMatchObject({ status: 'pending' })
  })

  it('ends when its signal aborts, wherever it is', async () => {
    const reason = new Error('enough')
    const waits: [string, () => Promise<Response>][] = [
      ['for an answer', () => new Promise(() => undefined)],
      ['to come back', () => Promise.reject(new TypeError('fetch failed'))],
    ]
    for (const [, failure] of waits) {
      wire = new Wire().thenAlways(failure)
      const abort = new AbortController()
      const asked = wire.client().getJob(ID, { signal: abort.signal })
      asked.catch(() => undefined)
      await vi.advanceTimersByTimeAsync(10)
      abort.abort(reason)
      await expect(asked).rejects.toBe(reason)
      expect(wire.sent).toHaveLength(1)
    }
  })

  it.each([
    ['a token', () => wire.client({ getToken: () => 'a\nb' }).getJob(ID)],
    ['a key', () => wire.client().createJob('a', {}, { idempotencyKey: 'Fox – 1' })],
    ['an address', () => wire.client({ baseUrl: 'api.test' }).getJob(ID)],
  ])('that cannot be sent, for %s, is no outage', async (_, ask) => {
    await expect(ask()).rejects.toThrow(TypeError)
    expect(wire.sent).toEqual([])
  })

  it('does not begin when its signal has aborted', async () => {
    const asked = wire.client().getJob(ID, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(asked).rejects.toThrow('enough')
    expect(wire.sent).toEqual([])
  })
})
