import { createClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { describeCause, hide } from '../src/worker/causes.ts'
import { VERSION } from '../src/worker/processor-notes.ts'
import { makeStorable, UnstorableError } from '../src/worker/storable.ts'
import { judge } from '../src/worker/verdicts.ts'
import { createWorker, type Handler, PermanentError, RetryLaterError } from '../src/worker.ts'
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
  }
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function answer({ path, body }: Sent): Response {
  const name = path.split('/').at(-1) ?? ''
  asked.push([name, body as Json])
  const told = functions[name]?.(body as Json)
  return told instanceof Response ? told : json(told)
}

function work(handler: Handler<AnyTypes, string>, concurrency = 4) {
  const { fetch } = new Wire().thenAlways(answer)
  const auth = { persistSession: false, autoRefreshToken: false }
  return createWorker<AnyTypes>({
    supabase: createClient('http://db.test', 'sb_secret_1', { global: { fetch }, auth }),
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

  it('says its version', () => {
    expect(VERSION).toBe(manifest.version)
  })
})

describe('a verdict', () => {
  it.each([
    [new PermanentError('No.', { code: 'no' }), 'no', false, undefined],
    [new RetryLaterError(7), 'rate_limited', undefined, 7],
    [new RetryLaterError(Number.NaN), 'rate_limited', undefined, undefined],
    [
      AbortSignal.abort(new DOMException('', 'TimeoutError')).reason,
      'timeout',
      undefined,
      undefined,
    ],
    [{ statusCode: 429, responseHeaders: { 'retry-after': '9' } }, 'rate_limited', undefined, 9],
    [{ status: 503 }, 'provider_unavailable', undefined, undefined],
    [{ status: 429, headers: 5 }, 'internal_error', undefined, undefined],
    ['a text', 'internal_error', undefined, undefined],
    [undefined, 'internal_error', undefined, undefined],
  ])('on %s', (error, code, retryable, wait) => {
    const verdict = judge(error)
    expect([verdict.error.code, verdict.retryable, verdict.not_before]).toEqual([
      code,
      retryable,
      wait,
    ])
  })

  it('has no secrets, and no more than fits', () => {
    const detail = { text: 'x'.repeat(20_000) }
    const { error } = judge(new PermanentError(`${'a'.repeat(3000)}`, { detail }))
    expect(error.message).toHaveLength(2000)
    expect(error.detail).toEqual({ left_out: '20011 bytes of JSON; 16384 is the most' })
  })

  it('tells what an error came from', () => {
    const cause = new TypeError('fetch failed', { cause: new Error('Bearer abc.def') })
    expect(describeCause(cause)).toMatchObject({
      exception: 'TypeError',
      message: 'fetch failed',
      cause: { message: 'Bearer [secret]' },
    })
    const advised = { code: 'PGRST301', message: 'no', hint: 'Take the secret key.' }
    expect(describeCause(advised).message).toBe('PGRST301: no: Take the secret key.')
    const hostile = {
      get message(): string {
        throw new Error('no')
      },
    }
    expect(describeCause(hostile)).toMatchObject({ message: '(it cannot be printed)' })
  })
})

describe('text', () => {
  it.each([
    ['postgres://me:letmein@db', 'postgres://me:[secret]@db'],
    ['apikey=0123456789&x=1', 'apikey=[secret]&x=1'],
    ['sk-abcdefghij and AKIAABCDEFGHIJKLMNOP', '[secret] and [secret]'],
    ['-----BEGIN PRIVATE KEY-----\nabc', '-----BEGIN PRIVATE KEY-----[secret]'],
    ['nothing to hide', 'nothing to hide'],
  ])('%s is told as %s', (text, told) => {
    expect(hide(text)).toBe(told)
  })
})

describe('what a handler returns', () => {
  it('is JSON, with text that can be stored', () => {
    const given = { at: new Date(0), '\0': ['\uD83E', '🦊', undefined], none: undefined }
    expect(makeStorable(given, 'result')).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      '\uFFFD': ['\uFFFD', '🦊', null],
    })
    expect(makeStorable(undefined, 'result')).toBeNull()
  })

  it.each([
    ['numbers that are none', { a: Number.NaN }],
    ['what is too large', 'x'.repeat(11 * 2 ** 20)],
    ['what is too deep', JSON.parse('['.repeat(200) + ']'.repeat(200))],
  ])('may not be %s', (_, given) => {
    expect(() => makeStorable(given, 'result')).toThrow(UnstorableError)
  })
})
