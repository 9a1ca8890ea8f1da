import { describe, expect, it, vi } from 'vitest'
import { DONE, gaps, never, PENDING, paths, RUNNING, seconds, told, wait, wire } from './waits.ts'
import { Events, json, read } from './wire.ts'

/** A stream's answer as a fetch gives it that cannot stream. */
function withBody(value: null | undefined): Response {
  const answer = new Response('', { headers: { 'Content-Type': 'text/event-stream' } })
  return Object.defineProperty(answer, 'body', { value })
}

describe('the long poll', () => {
  it('takes over where a proxy holds the stream back', async () => {
    wire.answer(
      never,
      read(PENDING, 'a.1'),
      () => new Response(null, { status: 304 }),
      read(DONE, 'b'),
    )
    const waiting = wait()
    await seconds(20)
    await expect(waiting).resolves.toEqual(DONE)
    expect(paths()).toEqual(['/events', '', '?wait=25', '?wait=25'])
    const tags = wire.sent.map(({ headers }) => headers.get('If-None-Match'))
    expect(tags).toEqual([null, null, 'W/"a.1"', 'W/"a.1"'])
    expect(told).toEqual(['pending', 'completed'])
  })

  it('takes over where the head of the stream comes and nothing else', async () => {
    wire.answer(new Events().open, read(DONE, 'a'))
    const waiting = wait()
    await seconds(15)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it.each([
    ['another type', () => json({})],
    ['nothing', () => new Response(null, { status: 204 })],
    ['a body of null', () => withBody(null)],
    ['no body to read from', () => withBody(undefined)],
    ['a refusal of somebody else', () => new Response('', { status: 405 })],
  ])('takes over where the stream is answered with %s', async (_, reply) => {
    wire.answer(reply, read(DONE, 'a'))
    const waiting = wait()
    await seconds(3)
    await expect(waiting).resolves.toEqual(DONE)
    expect(paths()).toEqual(['/events', ''])
  })

  it('is the way where fetch cannot stream', async () => {
    wire.answer(read(DONE, 'a'))
    vi.stubGlobal('fetch', wire.fetch)
    vi.stubGlobal('Response', { prototype: {} })
    await expect(wait({}, wire.client({ fetch: undefined }))).resolves.toEqual(DONE)
    expect(paths()).toEqual([''])
  })

  it('goes on from what the stream has told', async () => {
    const events = new Events().tell(PENDING, 'a')
    wire.answer(events.open, () => new Response('', { status: 405 }), read(DONE, 'b'))
    const waiting = wait()
    await seconds(1)
    events.break()
    await seconds(8)
    await expect(waiting).resolves.toEqual(DONE)
    expect(wire.sent[2]?.headers.get('If-None-Match')).toBe('W/"a"')
    expect(paths()[2]).toBe('?wait=25')
  })

  it('passes over a page of somebody else, once the API has told of the job', async () => {
    const page = () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } })
    wire.answer(() => json({}), read(PENDING, 'a'), page, page, page, read(DONE, 'b'))
    const waiting = wait()
    await seconds(60)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it.each([null, {}, '<html>'])('takes %j for no answer', async (body) => {
    const client = wire.answer(json({}), json(body), read(DONE, 'a')).client()
    const waiting = wait({}, client)
    await seconds(10)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('asks at most once a second, however fast the news are', async () => {
    wire.answer(() => json({}))
    let version = 0
    wire.thenAlways(() => read(RUNNING, `v${version++}`))
    const stop = new AbortController()
    wait({ signal: stop.signal })
    await seconds(30)
    stop.abort()
    expect(wire.sent.length).toBeGreaterThan(25)
    expect(Math.min(...gaps())).toBeGreaterThanOrEqual(1000)
    await seconds(0)
  })

  it('gives way to plain polls where it is cut twice', async () => {
    const cut = () =>
      new Promise<Response>((_, reject) => {
        setTimeout(() => reject(new TypeError('cut')), 8000)
      })
    wire.answer(() => json({}), read(PENDING, 'a'), cut, cut, read(PENDING, 'a'), read(DONE, 'b'))
    const waiting = wait()
    await seconds(40)
    await expect(waiting).resolves.toEqual(DONE)
    expect(paths()).toEqual(['/events', '', '?wait=25', '?wait=25', '', ''])
    expect(gaps().at(-1)).toBeGreaterThanOrEqual(3000)
  })
})
