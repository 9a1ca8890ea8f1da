import { createClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { VERSION } from '../src/worker/processor-notes.ts'
import { createWorker, type Handler, type LogEntry } from '../src/worker.ts'
import { ID, json, type Sent, Wire } from './wire.ts'

type Json = Record<string, unknown>
type Answer = (asked: Json) => unknown
type AnyTypes = Record<string, { params: object; result: unknown }>

const REFUSED = { code: '22P05', message: 'unsupported Unicode', details: null, hint: null }

/** The queue's functions, as far as a test says what they answer. */
let functions: Record<string, Answer>
let asked: [name: string, body: Json][]
let logged: string[]

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  logged = []
  const settle =
    (outcome: string): Answer =>
    ({ p_jobs: jobs }) =>
      (jobs as Json[]).map((job) => ({ ...job, outcome }))
  functions = {
    claim_plan_jobs: () => [],
    heartbeat_plan_jobs: ({ p_jobs: jobs }) =>
      (jobs as Json[]).map((job) => ({ ...job, outcome: 'held', cancel_requested: false })),
    complete_plan_jobs: settle('completed'),
    fail_plan_jobs: settle('failed'),
    release_plan_jobs: settle('released'),
    note_plan_processor: () => ({ outcome: 'noted' }),
    forget_plan_processor: () => ({ outcome: 'forgotten' }),
    plan_job_types: () => [{ job_type: 'story' }],
  }
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function answer({ path, body }: Sent): Response | Promise<Response> {
  const name = path.split('/').at(-1)?.split('?')[0] ?? ''
  asked.push([name, body as Json])
  const told = functions[name]?.(body as Json)
  return told instanceof Promise ? told.then(write) : write(told)
}

const write = (told: unknown): Response => (told instanceof Response ? told : json(told))

function connect() {
  const { fetch } = new Wire().thenAlways(answer)
  const auth = { persistSession: false, autoRefreshToken: false }
  return createClient('http://db.test', 'sb_secret_1', { global: { fetch }, auth })
}

function work(handler: Handler<AnyTypes, string>, concurrency = 4) {
  return createWorker<AnyTypes>({
    supabase: connect(),
    handlers: { story: handler },
    concurrency,
    log: ({ event }) => logged.push(event),
  })
}

function claimed(count: number, more: Json = {}): Answer {
  let isTaken = false
  return ({ p_claim_id: claim }) => {
    const jobs = isTaken ? [] : Array.from({ length: count }, (_, number) => number)
    isTaken = true
    const lasting = { lease_seconds: 30, max_runtime_seconds: 600 }
    const job = { job_type: 'story', claim_id: claim, params: {}, ...lasting, ...more }
    return jobs.map((number) => ({ ...job, id: `${ID.slice(0, -1)}${number}` }))
  }
}

function calls(name: string): Json[] {
  return asked.filter(([each]) => each === name).map(([, body]) => body)
}

async function seconds(count: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000 * count)
}

const away = () => json({ message: 'Bad Gateway' }, 502)
/** What a handler does that takes so many seconds. */
const lasting = (count: number) => () =>
  new Promise((resolve) => {
    setTimeout(resolve, 1000 * count)
  })

describe('a worker', () => {
  it('does nothing more for a handler that catches why it is to end', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['get_plan_job_steps'] = () => ({
      outcome: 'found',
      steps: {},
      waits: {},
      signals: {},
    })
    functions['suspend_plan_jobs'] = ({ p_jobs: jobs }) =>
      (jobs as Json[]).map((job) => ({ ...job, outcome: 'suspended' }))
    const told: unknown[] = []
    const note = ({ code }: { code: string }) => told.push(code)
    const counts = await work(async (job) => {
      await job.sleep('night', { hours: 6 }).catch(note)
      await job.step('mail', () => told.push('sent')).catch(note)
      await job.enqueue('next', { job_type: 'story', params: {} }).catch(note)
      return 'done'
    }).drain()
    expect(told).toEqual(['suspended', 'suspended', 'suspended'])
    expect(counts).toEqual({ suspended: 1 })
    expect(calls('enqueue_plan_job_step')).toEqual([])
  })

  it('gives back the job of a handler that catches that it has stopped', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['get_plan_job_steps'] = () => ({
      outcome: 'found',
      steps: {},
      waits: {},
      signals: {},
    })
    const draining = work(async (job) => {
      await lasting(2)()
      return job.step('mail', () => 'sent').catch(() => 'not sent')
    }).drain({ timeLimit: 1000 })
    await seconds(3)
    expect(await draining).toEqual({ released: 1 })
  })

  it('takes itself off after its note, also where that is answered late', async () => {
    functions['note_plan_processor'] = () =>
      new Promise((resolve) => {
        setTimeout(resolve, 2000, { outcome: 'noted' })
      })
    const draining = work(lasting(0)).drain()
    await seconds(1)
    expect(calls('claim_plan_jobs')).toHaveLength(1)
    expect(calls('forget_plan_processor')).toHaveLength(0)
    await seconds(2)
    await draining
    expect(calls('forget_plan_processor')).toHaveLength(1)
  })

  it('asks for a job of nobody where it is told to', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['get_plan_job_steps'] = () => ({
      outcome: 'found',
      steps: {},
      waits: {},
      signals: {},
    })
    functions['enqueue_plan_job_step'] = () => ({ outcome: 'created', job_id: ID })
    const request = { job_type: 'story', params: {}, ttl_hours: null, user_id: null }
    await work((job) => job.enqueue('next', request)).drain()
    const [sent] = calls('enqueue_plan_job_step')
    expect(sent?.['p_request']).toEqual({ job_type: 'story', params: {}, user_id: null })
  })

  it('goes on when its log fails', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    const written = vi.spyOn(console, 'warn').mockReturnValue()
    const supabase = connect()
    const handlers = { story: () => Promise.reject(new Error('handler')) }
    const log = () => {
      throw new Error('log')
    }
    expect(await createWorker({ supabase, handlers, log }).drain()).toEqual({ failed: 1 })
    const events = written.mock.calls.map(([line]) => JSON.parse(line).event)
    expect(events).toEqual(['handler_failed', 'log_failed'])
    written.mockRestore()
  })

  it('runs one job at least', () => {
    for (const concurrency of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => work(() => 'done', concurrency)).toThrow(RangeError)
    }
  })

  it('looks for jobs after some time, and no sooner', async () => {
    for (const poll of [0, -1, 99, Number.NaN]) {
      await expect(work(() => 'done').run({ poll })).rejects.toThrow(RangeError)
    }
    await expect(work(() => 'done').run({ grace: -1 })).rejects.toThrow(RangeError)
    await expect(work(() => 'done').drain({ timeLimit: Number.NaN })).rejects.toThrow(RangeError)
    expect(asked).toEqual([])
  })

  it('says once which of its types has no row', async () => {
    const said: LogEntry[] = []
    const handlers = { story: () => 'done', poem: () => 'done' }
    const log = (entry: LogEntry) => said.push(entry)
    const { drain } = createWorker({ supabase: connect(), handlers, log })
    await drain()
    await drain()
    const hint = expect.stringContaining('insert into public.plan_job_types')
    expect(said).toEqual([{ event: 'job_type_without_row', job_type: 'poem', hint }])
  })

  it('works where the rows cannot be read', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['plan_job_types'] = away
    expect(await work(() => 'done').drain()).toEqual({ completed: 1 })
    expect(logged).toEqual(['job_types_unread'])
  })

  it('reads no more into what a handler tells than there is', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['get_plan_job_steps'] = () => ({ steps: {}, waits: {}, signals: {} })
    functions['save_plan_job_step'] = () => ({ outcome: 'saved' })
    const counts = await work(({ report, step }) => {
      report(5, JSON.parse('null'), JSON.parse('7'))
      return step(JSON.parse('1'), () => 'saved')
    }).drain()
    expect(counts).toEqual({ completed: 1 })
    expect(calls('save_plan_job_step')).toMatchObject([{ p_name: '1' }])
  })

  it('fails a job that asks for another with a misspelt option', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['get_plan_job_steps'] = () => ({ steps: {}, waits: {}, signals: {} })
    const request = { job_type: 'story', params: {}, ttlHours: 1 }
    await work((job) => job.enqueue('next', request)).drain()
    const refused = { error: { code: 'follow_up_refused' }, retryable: false }
    expect(calls('fail_plan_jobs')).toMatchObject([{ p_jobs: [refused] }])
    expect(calls('enqueue_plan_job_step')).toEqual([])
  })

  it('keeps the id of a claim until it was answered', async () => {
    const take = claimed(1)
    const answers = [away, away, take]
    functions['claim_plan_jobs'] = (body) => (answers.shift() ?? take)(body)
    const stopping = new AbortController()
    const running = work(() => 'done').run({ signal: stopping.signal })
    await seconds(30)
    stopping.abort()
    await seconds(10)
    await running
    const [first, second, third, next] = calls('claim_plan_jobs').map((each) => each['p_claim_id'])
    expect([second, third]).toEqual([first, first])
    expect(next).not.toBe(first)
    expect(calls('complete_plan_jobs')).toHaveLength(1)
    expect(logged).toEqual(['claim_failed', 'claim_failed'])
  })

  it('beats every third of a lease, and soon after progress', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    const draining = work(async ({ report }) => {
      await lasting(15)()
      report(12.5, 'half\0')
      await lasting(5)()
    }).drain()
    await seconds(9)
    expect(calls('heartbeat_plan_jobs')).toHaveLength(0)
    await seconds(1.5)
    expect(calls('heartbeat_plan_jobs')).toHaveLength(1)
    await seconds(5)
    const [, told] = calls('heartbeat_plan_jobs')
    const progress = { phase: '', percentage: 13, message: 'half\uFFFD' }
    expect(told?.['p_jobs']).toMatchObject([{ progress }])
    await seconds(10)
    expect(await draining).toEqual({ completed: 1 })
  })

  it('tells of progress again whose heartbeat did not arrive', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    const { heartbeat_plan_jobs: held = away } = functions
    const answers = [away, held]
    functions['heartbeat_plan_jobs'] = (body) => (answers.shift() ?? held)(body)
    const draining = work(async ({ report }) => {
      report(50)
      await lasting(15)()
    }).drain()
    await seconds(20)
    await draining
    const beats = calls('heartbeat_plan_jobs').map(({ p_jobs: jobs }) => (jobs as Json[])[0])
    expect(beats.slice(0, 2)).toMatchObject([
      { progress: { percentage: 50 } },
      { progress: { percentage: 50 } },
    ])
  })

  it('settles again while the job is held, with the same claim', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    const { complete_plan_jobs: complete = away } = functions
    const busy: Answer = ({ p_jobs: jobs }) =>
      (jobs as Json[]).map((job) => ({ ...job, outcome: 'busy' }))
    const answers = [away, busy, busy, complete]
    functions['complete_plan_jobs'] = (body) => (answers.shift() ?? complete)(body)
    const draining = work(() => 7).drain()
    await seconds(20)
    expect(await draining).toEqual({ completed: 1 })
    expect(new Set(calls('complete_plan_jobs').map((each) => JSON.stringify(each))).size).toBe(1)
    expect(calls('complete_plan_jobs')).toHaveLength(4)
  })

  it('fails the one job whose result the database refuses, and no other', async () => {
    functions['claim_plan_jobs'] = claimed(4)
    const { complete_plan_jobs: complete = away } = functions
    functions['complete_plan_jobs'] = (body) =>
      (body['p_jobs'] as Json[]).some(({ result }) => result === 2)
        ? json(REFUSED, 400)
        : complete(body)
    const draining = work(async ({ id }) => {
      await lasting(1)()
      return Number(id.at(-1))
    }).drain()
    await seconds(20)
    expect(await draining).toEqual({ completed: 3, failed: 1 })
    const [failed] = calls('fail_plan_jobs')
    expect(failed?.['p_jobs']).toMatchObject([
      { error: { code: 'outcome_refused' }, retryable: false },
    ])
  })

  it('leaves a handler behind that heeds no signal, and gives its job back', async () => {
    functions['claim_plan_jobs'] = claimed(2)
    const draining = work(() => new Promise(() => undefined)).drain({ timeLimit: 2000 })
    await seconds(10)
    expect(await draining).toEqual({ released: 2 })
    expect(logged).toEqual(['handler_heeds_no_signal', 'handler_heeds_no_signal'])
  })

  it('joins a drain that is under way', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    const { drain } = work(lasting(3))
    const draining = [drain(), drain()]
    await seconds(10)
    expect(await Promise.all(draining)).toEqual([{ completed: 1 }, { completed: 1 }])
  })

  it('ends a job at its deadline, to be tried again at once', async () => {
    functions['claim_plan_jobs'] = claimed(1, { max_runtime_seconds: 5 })
    const draining = work(({ signal }) => lasting(7)().then(() => signal.throwIfAborted())).drain()
    await seconds(10)
    await draining
    const [failed] = calls('fail_plan_jobs')
    expect(failed?.['p_jobs']).toMatchObject([{ error: { code: 'timeout' }, retry_after: 0 }])
  })

  it('outlives a log that fails later, and a handler that does not wait for its step', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    functions['claim_plan_jobs'] = claimed(1)
    functions['get_plan_job_steps'] = () => ({ outcome: 'stale' })
    const { drain } = createWorker<AnyTypes>({
      supabase: connect(),
      handlers: {
        story: (job) => {
          job.step('mail', () => undefined)
          throw new Error('no story')
        },
      },
      log: () => Promise.reject(new Error('no log')),
    })
    const draining = drain()
    await seconds(10)
    await draining
    expect(warn.mock.calls.flat().join()).toContain('log_failed')
    warn.mockRestore()
  })

  it('begins no timer for a handler that has ended before the stop', async () => {
    functions['claim_plan_jobs'] = claimed(1)
    functions['complete_plan_jobs'] = away
    const stopping = new AbortController()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const running = work(() => 7).run({ signal: stopping.signal, grace: 0 })
    await seconds(1)
    stopping.abort()
    timers.mockClear()
    await seconds(0)
    expect(timers.mock.calls.filter(([, delay]) => delay === 5000)).toEqual([])
    timers.mockRestore()
    await seconds(90)
    await running
  })

  it('says its version', () => {
    expect(VERSION).toBe(manifest.version)
  })
})
