import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { ApiError, JobNotEndedError, NotAuthenticatedError, NotFoundError } from '../src/index.ts'
import { DONE, gaps, never, PENDING, paths, seconds, wait, wire } from './waits.ts'
import { Events, ID, problem, read } from './wire.ts'

describe('trouble', () => {
  it.each([
    ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
    ['500', () => problem(500, 'internal_error')],
    ['502', () => new Response('<html>', { status: 502 })],
    ['503', () => problem(503, 'supabase_unavailable')],
    ['429', () => problem(429, 'rate_limited')],
    ['408', () => new Response('', { status: 408 })],
  ])('passes: %s', async (_, failure) => {
    wire.answer(failure, failure, failure, new Events().tell(DONE, 'a').open)
    const waiting = wait()
    await seconds(20)
    await expect(waiting).resolves.toEqual(DONE)
    expect(paths()).toEqual(['/events', '/events', '/events', '/events'])
  })

  it('is asked about less and less often, but never stops being asked about', async () => {
    wire.thenAlways(new TypeError('fetch failed'))
    const stop = new AbortController()
    wait({ signal: stop.signal })
    await seconds(3600)
    stop.abort()
    await seconds(0)
    const [first = 0, second = 0, third = 0] = gaps()
    expect(first).toBeLessThanOrEqual(2000)
    expect(second).toBeGreaterThanOrEqual(2000)
    expect(third).toBeGreaterThanOrEqual(4000)
    expect(Math.max(...gaps())).toBeLessThanOrEqual(30_000)
    expect(wire.sent.length).toBeGreaterThan(120)
  })

  it('is over when there is news: then it is asked soon again', async () => {
    const down = () => Promise.reject(new TypeError('fetch failed'))
    const events = new Events().tell(PENDING, 'a')
    wire.answer(down, down, down, down, events.open, new Events().tell(DONE, 'b').open)
    const waiting = wait()
    await seconds(60)
    events.break()
    await seconds(2)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it.each([429, 503])('%i keeps one away for as long as it says', async (status) => {
    wire.answer(
      problem(status, 'server_busy', { 'Retry-After': '90' }),
      new Events().tell(DONE, 'a').open,
    )
    const waiting = wait()
    await seconds(95)
    await expect(waiting).resolves.toEqual(DONE)
    expect(gaps()[0]).toBeGreaterThanOrEqual(90_000)
  })

  it.each(['1e12', '3000000', 'Wed, 21 Oct 2099 07:28:00 GMT'])(
    'that is said to last for %s does not keep one away for ever',
    async (time) => {
      const busy = problem(503, 'server_busy', { 'Retry-After': time })
      wire.answer(busy, new Events().tell(DONE, 'a').open)
      const waiting = wait()
      await seconds(590)
      expect(wire.sent).toHaveLength(1)
      await seconds(20)
      await expect(waiting).resolves.toEqual(DONE)
    },
  )

  it('with the clock keeps nobody waiting', async () => {
    const first = new Events().tell(PENDING, 'a')
    wire.answer(first.open, new Events().tell(DONE, 'b').open)
    const waiting = wait()
    await seconds(10)
    vi.setSystemTime(Date.now() - 3_600_000)
    first.end()
    await seconds(2)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('of too many streams has it look from time to time instead', async () => {
    wire.answer(
      problem(429, 'too_many_waiting', { 'Retry-After': '5' }),
      read(PENDING, 'a'),
      read(DONE, 'b'),
    )
    const waiting = wait()
    await seconds(10)
    await expect(waiting).resolves.toEqual(DONE)
    expect(paths()).toEqual(['/events', '', ''])
  })

  it('with the job itself ends the wait', async () => {
    wire.answer(new Events().tell(PENDING, 'a').end().response, problem(404, 'job_not_found'))
    const waiting = wait()
    await seconds(1)
    await expect(waiting).rejects.toThrow(NotFoundError)
  })
})

describe('a token', () => {
  it('that is refused is replaced, a second later', async () => {
    const getToken = vi.fn((refused?: string) => (refused ? 'new' : 'old'))
    const first = new Events().tell(PENDING, 'a')
    wire.answer(first.open, problem(401, 'not_authenticated'), new Events().tell(DONE, 'b').open)
    const waiting = wait({}, wire.client({ getToken }))
    await seconds(6)
    first.end() // as the API does when the token is over
    await seconds(4)
    await expect(waiting).resolves.toEqual(DONE)
    expect(getToken.mock.calls).toEqual([[undefined], [undefined], ['old']])
    expect(wire.sent[2]?.headers.get('Authorization')).toBe('Bearer new')
  })

  it('is waited for while it is being refreshed, but not for ever', async () => {
    wire.thenAlways(() => problem(401, 'not_authenticated'))
    const waiting = wait()
    await seconds(20)
    await expect(waiting).rejects.toThrow(NotAuthenticatedError)
    expect(wire.sent).toHaveLength(3)
  })

  it('that cannot be had ends the wait', async () => {
    const getToken = () => Promise.reject(new Error('no session'))
    await expect(wait({}, wire.client({ getToken }))).rejects.toThrow('no session')
  })
})

describe('a wrong address', () => {
  it.each(['text/html; charset=utf-8', 'text/plain', 'application/xml'])(
    'where something else answers in %s ends the wait',
    async (type) => {
      wire.thenAlways(() => new Response('<p>', { headers: { 'Content-Type': type } }))
      const failed = wait().catch((error: unknown) => error)
      await seconds(5)
      expect(await failed).toBeInstanceOf(ApiError)
      expect(await failed).toMatchObject({ code: 'unexpected_answer', status: 200 })
      expect(wire.sent).toHaveLength(2)
    },
  )
})

describe('a device', () => {
  it('that comes back asks at once', async () => {
    const device = new EventTarget()
    vi.stubGlobal('addEventListener', device.addEventListener.bind(device))
    vi.stubGlobal('removeEventListener', device.removeEventListener.bind(device))
    const navigator = { onLine: false }
    vi.stubGlobal('navigator', navigator)
    wire.answer(new TypeError('fetch failed'), new Events().tell(DONE, 'a').open)
    const waiting = wait()
    await seconds(50)
    expect(wire.sent).toHaveLength(1)
    navigator.onLine = true
    device.dispatchEvent(new Event('online'))
    await seconds(0)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('that says it is offline is not believed for ever', async () => {
    vi.stubGlobal('navigator', { onLine: false })
    wire.answer(new TypeError('fetch failed'), new Events().tell(DONE, 'a').open)
    const waiting = wait()
    await seconds(61)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('does not trust a stream that was open while nobody looked', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
    vi.stubGlobal('document', page)
    const stale = new Events().tell(PENDING, 'a')
    wire.answer(stale.open, new Events().tell(DONE, 'b').open)
    const waiting = wait()
    await seconds(6)
    page.dispatchEvent(new Event('visibilitychange'))
    await seconds(3)
    expect(wire.sent).toHaveLength(1)
    page.visibilityState = 'visible'
    page.dispatchEvent(new Event('visibilitychange'))
    await seconds(3)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('is left alone afterwards', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
    vi.stubGlobal('document', page)
    const device = new EventTarget()
    vi.stubGlobal('addEventListener', device.addEventListener.bind(device))
    const count = () =>
      getEventListeners(page, 'visibilitychange').length +
      getEventListeners(device, 'online').length
    const events = new Events()
    wire.answer(events.open)
    const waiting = wait()
    await seconds(1)
    expect(count()).toBe(2)
    events.tell(DONE, 'a')
    await waiting
    expect(count()).toBe(0)
  })
})

describe('a wait', () => {
  it('takes each token that is refused by itself', async () => {
    const refused = () => problem(401, 'not_authenticated')
    const streams = [1, 2, 3, 4].map((each) => new Events().tell(PENDING, `${each}`))
    const last = new Events().tell(DONE, '5')
    wire.answer(...streams.flatMap(({ open }) => [refused, open]), last.open)
    const waiting = wait({}, wire.client({ getToken: (token) => `after ${token}` }))
    for (const events of streams) {
      await seconds(20)
      events.break()
    }
    await seconds(30)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('ends with what cannot be sent', async () => {
    await expect(wait({}, wire.client({ getToken: () => 'a\nb' }))).rejects.toThrow(TypeError)
    expect(wire.sent).toEqual([])
  })

  it('ends when its time is over, and leaves nothing', async () => {
    const events = new Events().tell(PENDING, 'a')
    wire.answer(events.open)
    const waiting = wait({ timeout: 5000 })
    await seconds(5)
    await expect(waiting).rejects.toThrow(JobNotEndedError)
    await expect(waiting).rejects.toMatchObject({ code: 'job_not_ended' })
    expect(wire.sent[0]?.signal.aborted).toBe(true)
  })

  it.each([
    ['a request', () => never, 0],
    ['a stream', () => new Events().tell(PENDING, 'a').open, 0],
    ['a pause', () => () => Promise.reject(new TypeError('fetch failed')), 0.5],
    ['a fetch that heeds no signal', () => () => new Promise<Response>(() => undefined), 0],
  ])('is aborted in the midst of %s, with the reason', async (_, reply, after) => {
    wire.answer(reply())
    const stop = new AbortController()
    const waiting = wait({ signal: stop.signal })
    await seconds(after)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await seconds(60)
    expect(wire.sent).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is aborted while it has to get a token', async () => {
    const stop = new AbortController()
    const client = wire.client({ getToken: () => new Promise(() => undefined) })
    const waiting = wait({ signal: stop.signal }, client)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  it('does not begin when its signal has aborted', async () => {
    await expect(wait({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
    expect(wire.sent).toEqual([])
  })

  it('fails with what its listener throws', async () => {
    const reason = new Error('a mistake in the app')
    wire.answer(new Events().tell(PENDING, 'a').open)
    const waiting = wire.client().waitForJobCompletion(ID, () => {
      throw reason
    })
    await expect(waiting).rejects.toBe(reason)
  })

  it('needs no listener, and any time that there is', async () => {
    wire.answer(new Events().tell(DONE, 'a').open)
    const { waitForJobCompletion } = wire.client()
    const timeout = Number.POSITIVE_INFINITY
    await expect(waitForJobCompletion(ID, null, { timeout })).resolves.toEqual(DONE)
  })
})
