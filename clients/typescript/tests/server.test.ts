import { createClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError, InvalidRequestError, NoAnswerError, type SupajobsError } from '../src/index.ts'
import { createQueue, type Queue } from '../src/server.ts'
import { job, json, Wire } from './wire.ts'

const USER = '019f0000-0000-7000-8000-00000000000a'
const theirs = { user_id: USER }

let wire: Wire
let queue: Queue

beforeEach(() => {
  vi.useFakeTimers()
  wire = new Wire()
  const global = { fetch: wire.fetch }
  const auth = { persistSession: false, autoRefreshToken: false }
  queue = createQueue(createClient('http://db.test', 'sb_secret_1', { global, auth }))
})

afterEach(() => {
  vi.useRealTimers()
})

/** What a call comes to, however long it takes. */
async function settled<Value>(call: Promise<Value>): Promise<Value | SupajobsError> {
  const caught = call.catch((error: SupajobsError) => error)
  await vi.advanceTimersByTimeAsync(120_000)
  return caught
}

function enqueued(outcome: string, key?: string): () => Response {
  return () => json({ outcome, job: { ...job('pending'), idempotency_key: key ?? sentKey() } })
}

function sentKey(): string {
  const { p_idempotency_key: key } = (wire.sent.at(-1)?.body ?? {}) as Record<string, string>
  return String(key)
}

describe('a call', () => {
  it('says what Python says', async () => {
    wire.answer(enqueued('created'))
    await queue.enqueue('story', { hero: 'Fox' }, { ...theirs, priority: 'low', trace_id: 'a' })
    expect(wire.sent[0]).toMatchObject({
      path: 'http://db.test/rest/v1/rpc/enqueue_plan_job',
      body: {
        p_user_id: USER,
        p_job_type: 'story',
        p_params: { hero: 'Fox' },
        p_priority: 2,
        p_trace_id: 'a',
        p_idempotency_key: sentKey(),
      },
    })
  })

  it('leaves a priority that it does not know to the database', async () => {
    const priority = JSON.parse('"urgent"')
    const refused = { code: '22P02', message: 'no integer', details: null, hint: null }
    wire.answer(json(refused, 400))
    const call = queue.enqueue('story', {}, { ...theirs, priority })
    await expect(call).rejects.toBeInstanceOf(InvalidRequestError)
    expect(wire.sent[0]?.body).toMatchObject({ p_priority: 'urgent' })
  })

  it('that lacks a value is not made again', async () => {
    const refused = { code: '23502', message: 'null value in "params"', details: null, hint: null }
    wire.answer(json(refused, 400))
    await expect(queue.enqueue('story', {}, theirs)).rejects.toBeInstanceOf(InvalidRequestError)
  })

  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  it.each<[string, string, unknown[]]>([
    ['a misspelt option', 'runAt', ['story', {}, { ...theirs, runAt: '2027-01-01T00:00:00Z' }]],
    ['no user, and no null', 'user_id', ['story', {}, {}]],
    ['no job type', 'job_type', [undefined, {}, theirs]],
    ['no params', 'params', ['story', undefined, theirs]],
    ['params that go in a circle', 'params', ['story', circle, theirs]],
    ['params that JSON does not know', 'params', ['story', { number: 1n }, theirs]],
  ])('with %s is refused at once', async (_, field, given) => {
    const call = queue.enqueue(...(given as Parameters<Queue['enqueue']>))
    const error = await call.catch((refusal) => refusal)
    expect(error).toBeInstanceOf(InvalidRequestError)
    expect(error).toMatchObject({ code: 'invalid_request', errors: [{ field }] })
    expect(wire.sent).toEqual([])
  })

  it('on the job of whom is not said is refused at once', async () => {
    const whose = JSON.parse('{}')
    const ways = [
      queue.get('1', whose),
      queue.getActive('story', whose),
      queue.cancel('1', whose),
      queue.retry('1', whose),
      queue.signal('1', 'answer', {}, whose),
    ]
    for (const call of ways) {
      await expect(call).rejects.toMatchObject({ errors: [{ field: 'user_id' }] })
    }
    expect(wire.sent).toEqual([])
  })

  it('whose answer was lost is repeated under its key, and has created the job', async () => {
    wire.answer(new TypeError('fetch failed'), enqueued('existing'))
    expect(await settled(queue.enqueue('story', {}, theirs))).toMatchObject({ outcome: 'created' })
    const [first, second] = wire.sent.map(({ body }) => body)
    expect(first).toEqual(second)
  })

  it('is for what the arguments say, whatever comes with the options', async () => {
    wire.answer(enqueued('created'))
    const told = { ...theirs, job_type: 'internal', params: { all: true } }
    await queue.enqueue('story', { hero: 'Fox' }, told)
    expect(wire.sent[0]?.body).toMatchObject({
      p_job_type: 'story',
      p_params: { hero: 'Fox' },
    })
  })

  it('that finds the job of another request says so', async () => {
    wire.answer(enqueued('existing', 'of another one'))
    expect(await queue.enqueue('story', {}, theirs)).toMatchObject({ outcome: 'existing' })
    wire.answer(enqueued('existing'))
    const told = { ...theirs, idempotency_key: 'mine' }
    expect(await queue.enqueue('story', {}, told)).toMatchObject({ outcome: 'existing' })
  })

  it('without an answer is made three times', async () => {
    wire.thenAlways(new TypeError('fetch failed'))
    expect(await settled(queue.get('1', theirs))).toBeInstanceOf(NoAnswerError)
    expect(wire.sent).toHaveLength(3)
  })

  it('that hangs ends all the same', async () => {
    vi.useRealTimers()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
    wire.thenAlways((sent) => {
      sent.signal.throwIfAborted()
      return json({})
    })
    expect(await queue.get('1', theirs).catch((error) => error)).toBeInstanceOf(NoAnswerError)
    expect(timeout).toHaveBeenCalledWith(20_000)
    timeout.mockRestore()
  })

  it('that is aborted throws the reason', async () => {
    const stopping = new AbortController()
    wire.thenAlways(() => new Promise<never>(() => undefined))
    const call = queue.get('1', { ...theirs, signal: stopping.signal })
    stopping.abort('enough')
    await expect(call).rejects.toBe('enough')
  })
})

describe('a refusal', () => {
  const refused = async (code: string | undefined, status: number, message = 'words') => {
    wire.thenAlways(() => json({ code, message, details: null, hint: null }, status))
    const error = await settled(queue.get('1', theirs))
    const { length } = wire.sent
    return error instanceof ApiError ? [error.code, error.status, length] : error
  }

  it.each([
    ['22023', 400, 'invalid_request', 422],
    ['23514', 400, 'supabase_refused', 500],
    ['PT409', 409, 'supabase_refused', 500],
    [undefined, 413, 'supabase_refused', 500],
    ['23503', 409, 'user_gone', 401],
  ])('%s is a verdict, and said once', async (code, status, said, as) => {
    expect(await refused(code, status)).toEqual([said, as, 1])
  })

  it.each([
    ['25006', 400],
    ['55P03', 400],
    ['PGRST202', 404],
    ['42501', 403],
    [undefined, 502],
    [undefined, 401],
  ])('%s (%i) says nothing of what was sent', async (code, status) => {
    expect(await refused(code, status)).toEqual(['supabase_unavailable', 503, 3])
  })

  it('in JSON of somebody else is an outage', async () => {
    wire.thenAlways(() => json({ error: 'no route' }, 404))
    expect(await settled(queue.get('1', theirs))).toMatchObject({ code: 'supabase_unavailable' })
  })

  it('of a function that is not there tells what is missing', async () => {
    const missing = { code: 'PGRST202', message: 'no function', details: null, hint: null }
    wire.thenAlways(() => json(missing, 404))
    const error = await settled(queue.get('1', theirs))
    expect(error).toMatchObject({ hint: expect.stringContaining('migrations') })
  })

  it.each([
    ['cost_limited', 'monthly_cost_reached', 429],
    ['too_late', 'signal_too_late', 409],
    ['provider_key_required', 'provider_key_required', 422],
  ])('%s is an outcome of the function', async (outcome, code, status) => {
    wire.answer(json({ outcome, retry_after: 7, job: null }))
    const error = await queue.enqueue('story', {}, theirs).catch((refusal) => refusal)
    expect(error).toMatchObject({ code, status, retryAfter: 7 })
  })
})
