import { describe, expect, it } from 'vitest'
import type { Job } from '../src/index.ts'
import { DONE, gaps, PENDING, paths, RUNNING, seconds, told, wait, wire } from './waits.ts'
import { Events, ID, job } from './wire.ts'

describe('the event stream', () => {
  it('tells each state once, and then the end', async () => {
    const events = new Events()
    wire.answer(events.open)
    const waiting = wait()
    events.tell(PENDING, 'a').say(': ping\n\n').tell(PENDING, 'a').tell(RUNNING, 'b')
    await seconds(0)
    expect(told).toEqual(['pending', 'processing'])
    events.tell(DONE, 'c').end()
    await expect(waiting).resolves.toEqual(DONE)
    expect(told).toEqual(['pending', 'processing', 'completed'])
    expect(paths()).toEqual(['/events'])
    expect(wire.sent[0]?.headers.get('Authorization')).toBe('Bearer token')
  })

  it('resolves with failed and cancelled jobs as well', async () => {
    for (const status of ['failed', 'cancelled'] as const) {
      wire.answer(new Events().tell(job(status), 'a').end().response)
      await expect(wait()).resolves.toMatchObject({ status })
    }
  })

  it('is left when the job has ended, whoever keeps it open', async () => {
    const events = new Events().tell(DONE, 'a')
    wire.answer(events.response)
    const waiting = wait()
    await seconds(40)
    await expect(waiting).resolves.toEqual(DONE)
    expect(events.isCancelled).toBe(true)
  })

  it('comes in pieces, of characters too', async () => {
    const named = job('completed', { result: 'Märchen' } as Partial<Job>)
    const bytes = new TextEncoder().encode(
      `event: job\r\ndata: ${JSON.stringify(named)}\r\nid: a\r\n\r\n`,
    )
    const body = new ReadableStream({
      start(controller) {
        for (const byte of bytes) {
          controller.enqueue(new Uint8Array([byte]))
        }
        controller.close()
      },
    })
    wire.answer(new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }))
    await expect(wait()).resolves.toMatchObject({ result: 'Märchen' })
  })

  it('is taken up again where it broke', async () => {
    const [first, second] = [new Events().tell(PENDING, 'a'), new Events().tell(DONE, 'b')]
    wire.answer(first.open, second.open)
    const waiting = wait()
    await seconds(1)
    first.break()
    await seconds(5)
    await expect(waiting).resolves.toEqual(DONE)
    expect(wire.sent[1]?.headers.get('Last-Event-ID')).toBe('a')
    expect(told).toEqual(['pending', 'completed'])
  })

  it('is taken up again after a second when it ended by itself', async () => {
    const first = new Events().tell(PENDING, 'a').end()
    wire.answer(first.response, new Events().tell(DONE, 'b').response)
    const waiting = wait()
    await seconds(1)
    await expect(waiting).resolves.toEqual(DONE)
    expect(gaps()).toEqual([1000])
  })

  it('that is silent for longer than a ping takes is dead', async () => {
    const dead = new Events().tell(PENDING, 'a')
    wire.answer(dead.open, new Events().tell(DONE, 'b').open)
    const waiting = wait()
    await seconds(30)
    dead.say(': ping\n\n')
    await seconds(34)
    expect(wire.sent).toHaveLength(1)
    await seconds(4)
    await expect(waiting).resolves.toEqual(DONE)
  })

  it('that has nothing new may be silent until the ping', async () => {
    const first = new Events().tell(PENDING, 'a').end()
    const second = new Events()
    wire.answer(first.response, second.open)
    const waiting = wait()
    await seconds(20)
    second.say(': ping\n\n').tell(DONE, 'b')
    await seconds(0)
    await expect(waiting).resolves.toEqual(DONE)
    expect(wire.sent).toHaveLength(2)
  })

  it('whose events end at once is not asked for every second', async () => {
    wire.thenAlways(() => new Events().tell(PENDING, 'a').end().response)
    const stop = new AbortController()
    wait({ signal: stop.signal })
    await seconds(60)
    expect(wire.sent.length).toBeLessThan(12)
    stop.abort()
    await seconds(0)
  })

  it('that says half a job broke', async () => {
    const broken = new Events().say(`event: job\ndata: {"id":\nid: x\n\n`)
    wire.answer(broken.open, new Events().tell(DONE, 'a').open)
    const waiting = wait()
    await seconds(5)
    await expect(waiting).resolves.toEqual(DONE)
    expect(told).toEqual(['completed'])
  })

  it.each(['null', '{}', '"<html>"', '[]'])('that says %s says nothing of a job', async (data) => {
    const broken = new Events().say(`event: job\ndata: ${data}\nid: x\n\n`)
    wire.answer(broken.open, new Events().tell(DONE, 'a').open)
    const states: unknown[] = []
    const waiting = wire.client().waitForJobCompletion(ID, (state) => states.push(state))
    await seconds(5)
    await expect(waiting).resolves.toEqual(DONE)
    expect(states).toEqual([DONE])
  })

  it('passes over events that it does not know', async () => {
    const events = new Events().say('event: news\ndata: no json\n\n').tell(DONE, 'a')
    wire.answer(events.open)
    await expect(wait()).resolves.toEqual(DONE)
  })
})
