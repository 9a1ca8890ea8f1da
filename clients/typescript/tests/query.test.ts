import { MutationObserver, QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnyJobTypes, Job } from '../src/index.ts'
import { createQueries, type Queries } from '../src/query.ts'
import { Events, ID, job, json, problem, Wire } from './wire.ts'

const PENDING = job('pending')
const RUNNING = job('processing')
const DONE = job('completed')

let wire: Wire
let cache: QueryClient
let queries: Queries<AnyJobTypes>
let forget: (() => void)[]

beforeEach(() => {
  vi.useFakeTimers()
  wire = new Wire()
  cache = new QueryClient()
  queries = createQueries(wire.client())
  forget = []
})

afterEach(() => {
  for (const each of forget) {
    each()
  }
  cache.clear()
  vi.useRealTimers()
})

/** What a component that looks at the job has seen so far. */
function look(id: string | null = ID): string[] {
  const seen: string[] = []
  const observer = new QueryObserver(cache, queries.jobOptions(id))
  const stop = observer.subscribe(({ data, error }) => {
    const now = error?.message ?? (data as Job | undefined)?.status
    if (now && now !== seen.at(-1)) {
      seen.push(now)
    }
  })
  forget.push(stop)
  return seen
}

const moment = () => vi.advanceTimersByTimeAsync(20)

describe('a job', () => {
  it('comes with each of its states, asked for once by all who look', async () => {
    const events = new Events().tell(PENDING, 'a')
    wire.answer(events.open)
    const [one, another] = [look(), look()]
    await moment()
    events.tell(RUNNING, 'b')
    await moment()
    events.tell(DONE, 'c')
    await moment()
    expect(one).toEqual(['pending', 'processing', 'completed'])
    expect(another).toEqual(one)
    expect(wire.sent).toHaveLength(1)
  })

  it('that has ended is not asked for again', async () => {
    wire.answer(new Events().tell(DONE, 'a').response)
    await cache.fetchQuery(queries.jobOptions(ID))
    look()
    await moment()
    expect(wire.sent).toHaveLength(1)
    expect(cache.getQueryData(queries.jobOptions(ID).queryKey)?.status).toBe('completed')
  })

  it('is left when nobody looks any more, and followed again by who does then', async () => {
    wire.answer(new Events().tell(PENDING, 'a').open, new Events().tell(DONE, 'b').response)
    look()
    await moment()
    forget.pop()?.()
    await moment()
    expect(wire.sent[0]?.signal.aborted).toBe(true)
    const seen = look()
    await moment()
    expect(seen.at(-1)).toBe('completed')
  })

  it('that may not be read says so, once', async () => {
    wire.answer(problem(404, 'job_not_found'))
    const seen = look()
    await moment()
    expect(seen).toEqual(['It is job_not_found.'])
    expect(wire.sent).toHaveLength(1)
  })

  it('waits for an id', async () => {
    look(null)
    await moment()
    expect(wire.sent).toEqual([])
  })

  it('is cancelled, and followed all the while', async () => {
    const events = new Events().tell(RUNNING, 'a')
    wire.answer(events.open, json(RUNNING))
    const seen = look()
    await moment()
    await new MutationObserver(cache, queries.cancelJobOptions()).mutate(ID)
    events.tell(job('cancelled'), 'b')
    await moment()
    expect(seen).toEqual(['processing', 'cancelled'])
    expect(wire.sent.map(({ method }) => method)).toEqual(['GET', 'DELETE'])
  })

  it('is run again, and followed again', async () => {
    wire.answer(
      new Events().tell(job('failed'), 'a').response,
      json(PENDING),
      new Events().tell(DONE, 'b').response,
    )
    const seen = look()
    await moment()
    await new MutationObserver(cache, queries.retryJobOptions()).mutate(ID)
    await moment()
    expect(seen).toEqual(['failed', 'pending', 'completed'])
  })
})

describe('the active job', () => {
  it('is null where there is none, and then the one that is asked for', async () => {
    wire.answer(json({ job: null }), json(PENDING, 201))
    const options = queries.activeJobOptions('story')
    expect(await cache.fetchQuery(options)).toBeNull()
    const { mutate } = new MutationObserver(cache, queries.createJobOptions('story'))
    await mutate({ hero: 'Fox' })
    expect(cache.getQueryData(options.queryKey)?.id).toBe(ID)
    expect(wire.sent[1]?.body).toEqual({ job_type: 'story', params: { hero: 'Fox' } })
  })
})

describe('what a user asked for who has left', () => {
  it.each([
    ['a job', () => new MutationObserver(cache, queries.createJobOptions('story')).mutate({})],
    ['a retry', () => new MutationObserver(cache, queries.retryJobOptions()).mutate(ID)],
  ])('is not kept for the next one: %s', async (_, ask) => {
    let answer: (late: Response) => void = () => undefined
    const late = new Promise<Response>((resolve) => {
      answer = resolve
    })
    wire.answer(() => late)
    const asking = ask()
    await moment()
    cache.clear()
    answer(json(PENDING, 201))
    await asking
    expect(cache.getQueryCache().getAll()).toEqual([])
  })
})

describe('what is listed', () => {
  it('are the newest jobs', async () => {
    wire.answer(json({ jobs: [DONE] }))
    const options = queries.jobsOptions({ job_type: 'story', limit: 5 })
    expect(await cache.fetchQuery(options)).toHaveLength(1)
    expect(wire.sent[0]?.path).toBe('/jobs?job_type=story&limit=5')
  })

  it('are all schedules', async () => {
    const next = { Link: '</v1/schedules?cursor=two>; rel="next"' }
    wire.answer(json({ schedules: [1] }, 200, next), json({ schedules: [2] }))
    expect(await cache.fetchQuery(queries.schedulesOptions())).toEqual([1, 2])
  })
})
