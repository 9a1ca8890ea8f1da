import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JobStatus } from '../src/index.ts'
import { createReader } from '../src/supabase.ts'
import { ID, job, json, Wire } from './wire.ts'

const USER = '019f0000-0000-7000-8000-00000000000a'
const PENDING = job('pending', { user_id: USER })
const RUNNING = job('processing', { user_id: USER })
const DONE = job('completed', { user_id: USER })

let wire: Wire
let supabase: SupabaseClient
let sockets: Socket[]

/** Realtime, as far as it is spoken to here. */
class Socket {
  readyState = 0
  onopen?: (event: object) => void
  onmessage?: (event: { data: string }) => void
  onclose?: (event: object) => void
  /** Answers to whoever wants to join; null: it does not answer. */
  static answer: 'ok' | 'error' | null = 'ok'
  readonly sent: { topic: string; event: string; payload: Record<string, unknown> }[] = []
  #joined: unknown[] = []

  constructor() {
    sockets.push(this)
    setTimeout(() => {
      this.readyState = 1
      this.onopen?.({})
    })
  }

  send(message: string): void {
    const [joinRef, ref, topic, event, payload] = JSON.parse(message)
    this.sent.push({ topic, event, payload })
    if (event === 'phx_join') {
      this.#joined = [joinRef, topic]
    }
    if (event !== 'phx_join' || Socket.answer) {
      const status = event === 'phx_join' ? Socket.answer : 'ok'
      this.#say([joinRef, ref, topic, 'phx_reply', { status, response: {} }])
    }
  }

  broadcast(payload: object): void {
    const [joinRef, topic] = this.#joined
    this.#say([joinRef, null, topic, 'broadcast', { type: 'broadcast', event: 'job', payload }])
  }

  close(): void {
    this.readyState = 3
    this.onclose?.({})
  }

  events(): string[] {
    return this.sent.map(({ event }) => event).filter((event) => event !== 'access_token')
  }

  #say(message: unknown[]): void {
    this.onmessage?.({ data: JSON.stringify(message) })
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  wire = new Wire()
  sockets = []
  Socket.answer = 'ok'
  supabase = createClient('http://api.test', 'sb_publishable_key', {
    accessToken: async () => 'their.own.token',
    global: { fetch: wire.fetch },
    realtime: { transport: Socket as never },
  })
})

afterEach(() => {
  vi.useRealTimers()
})

const rows = (...found: unknown[]) => json(found)
const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count)

describe('a reader', () => {
  it('reads a job as the API tells of it', async () => {
    const { job_id, ...row } = job('completed', {
      user_id: USER,
      started_at: '2026-11-30T11:59:58.5+00:00',
    })
    wire.answer(rows(row))
    const found = await createReader(supabase).getJob(ID)
    expect(found).toEqual({ ...row, job_id, duration_ms: 1500 })
    expect(wire.sent[0]?.path).toContain('/rest/v1/plan_generation_jobs?select=id%2C')
    expect(wire.sent[0]?.headers.get('Authorization')).toBe('Bearer their.own.token')
  })

  it('says of a job that is not theirs what the API says', async () => {
    wire.answer(rows())
    await expect(createReader(supabase).getJob(ID)).rejects.toMatchObject({
      name: 'NotFoundError',
      code: 'job_not_found',
      status: 404,
    })
  })

  it('finds the active job, or none', async () => {
    wire.answer(rows(PENDING), rows())
    const { getActiveJob } = createReader(supabase)
    await expect(getActiveJob('story')).resolves.toMatchObject({ id: ID })
    await expect(getActiveJob('story')).resolves.toBeNull()
  })

  it('lists page by page, as long as one is full', async () => {
    wire.answer(rows({ id: '3' }, { id: '2' }), rows({ id: '1' }))
    const pages: string[][] = []
    for await (const page of createReader(supabase).listJobs({ status: 'failed', limit: 2 })) {
      pages.push(page.map(({ id }) => id))
    }
    expect(pages).toEqual([['3', '2'], ['1']])
    expect(wire.sent[1]?.path).toContain('id=lt.2')
    expect(wire.sent[1]?.path).toContain('status=in.%28failed%29')
  })

  it('lists nothing where a page has nothing', async () => {
    wire.answer(rows())
    expect(await createReader(supabase).listJobs({ limit: 0 }).next()).toMatchObject({ done: true })
    expect(wire.sent).toHaveLength(1)
  })

  it('has typed errors for what goes wrong', async () => {
    const { getJobStatus } = createReader(supabase)
    wire.answer(json({ code: '42501', message: 'permission denied' }, 403))
    await expect(getJobStatus(ID)).rejects.toMatchObject({ code: '42501', status: 403 })
    const aborted = getJobStatus(ID, { signal: AbortSignal.abort(new Error('enough')) })
    await expect(aborted).rejects.toThrow('enough')
  })
})

describe('a wait', () => {
  const told: JobStatus[] = []

  function wait(options = {}) {
    told.length = 0
    const note = ({ status }: { status: JobStatus }) => told.push(status)
    const waiting = createReader(supabase).waitForJobCompletion(ID, note, options)
    waiting.catch(() => undefined)
    return waiting
  }

  it('reads when it has joined, and when it is told', async () => {
    wire.answer(rows(PENDING), rows(PENDING), rows(RUNNING), rows(DONE))
    const waiting = wait()
    await seconds(2)
    expect(wire.sent).toHaveLength(2)
    const [socket] = sockets
    const join = socket?.sent.find(({ event }) => event === 'phx_join')
    expect(join).toMatchObject({
      topic: `realtime:user:${USER}`,
      payload: { config: { private: true }, access_token: 'their.own.token' },
    })
    socket?.broadcast({ id: 'another', status: 'completed' })
    await seconds(2)
    expect(wire.sent).toHaveLength(2)
    socket?.broadcast({ id: ID, status: 'processing' })
    await seconds(2)
    socket?.broadcast({ id: ID, status: 'completed' })
    await seconds(2)
    await expect(waiting).resolves.toMatchObject({ status: 'completed' })
    expect(told).toEqual(['pending', 'processing', 'completed'])
    expect(wire.sent).toHaveLength(4)
    await seconds(1)
    expect(supabase.getChannels()).toEqual([])
  })

  it('looks from time to time where Realtime lets it not in', async () => {
    Socket.answer = 'error'
    wire.answer(rows(PENDING), rows(PENDING), rows(DONE))
    const waiting = wait()
    await seconds(7)
    await expect(waiting).resolves.toMatchObject({ status: 'completed' })
  })

  it('looks less often where it is told, but looks', async () => {
    wire.answer(rows(PENDING), rows(PENDING), rows(DONE))
    const waiting = wait()
    await seconds(29)
    expect(wire.sent).toHaveLength(2)
    await seconds(3)
    await expect(waiting).resolves.toMatchObject({ status: 'completed' })
  })

  it('goes on through trouble, at most once a second', async () => {
    wire.answer(json({ message: 'gone' }, 500), json({ message: 'gone' }, 503), rows(DONE))
    const waiting = wait()
    await seconds(60)
    await expect(waiting).resolves.toMatchObject({ status: 'completed' })
  })

  it('shares one channel with all others', async () => {
    const second = ID.replace('1', '2')
    wire.thenAlways(({ path }) =>
      rows(path.includes(second) ? { ...PENDING, id: second } : PENDING),
    )
    const stop = new AbortController()
    const both = [ID, second].map((id) =>
      createReader(supabase).waitForJobCompletion(id, null, { signal: stop.signal }),
    )
    await seconds(3)
    expect(sockets).toHaveLength(1)
    expect(sockets[0]?.events()).toEqual(['phx_join'])
    stop.abort(new Error('enough'))
    await Promise.allSettled(both)
    await seconds(1)
    expect(supabase.getChannels()).toEqual([])
  })

  it('may begin anew while the one before leaves', async () => {
    wire.thenAlways(() => rows(PENDING))
    const stop = new AbortController()
    wait({ signal: stop.signal })
    await seconds(3)
    stop.abort(new Error('enough'))
    const again = new AbortController()
    wait({ signal: again.signal })
    await seconds(3)
    const before = wire.sent.length
    sockets.at(-1)?.broadcast({ id: ID })
    await seconds(2)
    expect(wire.sent).toHaveLength(before + 1)
    again.abort(new Error('enough'))
    await seconds(1)
  })
})
