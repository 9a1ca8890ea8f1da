/** What the compiler knows: these tests fail when the types are checked, not when they run. */

import type { SupabaseClient } from '@supabase/supabase-js'
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query'
import { describe, expectTypeOf, it } from 'vitest'
import {
  type Client,
  createClient,
  type DefinedJobTypes,
  defineJobTypes,
  type EndedJob,
  type Job,
  type JobError,
  type JobId,
  schedulesOf,
} from '../src/index.ts'
import { createQueries } from '../src/query.ts'
import { createHooks } from '../src/react.ts'
import { createQueue, type Queue } from '../src/server.ts'
import { createWorker, type JobWorker } from '../src/worker.ts'

const jobTypes = defineJobTypes<{
  story: { params: { hero: string }; result: { chapters: string[] } }
  training_plan: { params: { weeks: number }; result: null }
}>()

type TypesOf<Defined> = Defined extends DefinedJobTypes<infer Types> ? Types : never

const options = { baseUrl: 'http://api.test', getToken: () => null }
const typed = () => createClient({ ...options, jobTypes })
const untyped = () => createClient(options)
type Typed = ReturnType<typeof typed>

describe('a job', () => {
  it('has a result when it is completed, and an error when it failed', () => {
    const look = (job: Job) => {
      expectTypeOf(job.error).toEqualTypeOf<JobError | null>()
      if (job.status === 'completed') {
        expectTypeOf(job.result).toBeUnknown()
        expectTypeOf(job.error).toBeNull()
        expectTypeOf(job.completed_at).toBeString()
      } else {
        expectTypeOf(job.result).toBeNull()
      }
      if (job.status === 'failed') {
        expectTypeOf(job.error).toEqualTypeOf<JobError>()
      }
      if (job.status === 'pending' || job.status === 'processing') {
        expectTypeOf(job.completed_at).toBeNull()
      }
    }
    expectTypeOf(look).toBeFunction()
  })

  it('is of the type that it was asked for with', () => {
    const story = async (client: Typed) => {
      const asked = await client.createJob('story', { hero: 'Fox' })
      expectTypeOf(asked.job_type).toEqualTypeOf<'story'>()
      expectTypeOf(asked.params).toEqualTypeOf<{ hero: string }>()
      expectTypeOf(asked.existing).toBeBoolean()
      const ended = await client.waitForJobCompletion(asked.id, (job) => {
        expectTypeOf(job.job_type).toEqualTypeOf<'story'>()
      })
      if (ended.status === 'completed') {
        expectTypeOf(ended.result).toEqualTypeOf<{ chapters: string[] }>()
      }
      const active = await client.getActiveJob('training_plan')
      expectTypeOf(active?.params).toEqualTypeOf<{ weeks: number } | undefined>()
    }
    expectTypeOf(story).toBeFunction()
  })

  it('whose id is just a string is one of any type, told apart by its job_type', () => {
    const look = async (client: Typed, id: string) => {
      const job = await client.getJob(id)
      expectTypeOf(job.job_type).toEqualTypeOf<'story' | 'training_plan'>()
      if (job.job_type === 'story' && job.status === 'completed') {
        expectTypeOf(job.result).toEqualTypeOf<{ chapters: string[] }>()
      }
      expectTypeOf(client.waitForJobCompletion(id)).resolves.toExtend<{ completed_at: string }>()
    }
    expectTypeOf(look).toBeFunction()
  })

  it('of an app that has told no types may be anything', () => {
    const look = async (client: Client) => {
      const job = await client.createJob('anything', { at: 'all' })
      expectTypeOf(job.params).toEqualTypeOf<Record<string, unknown>>()
      expectTypeOf(client.waitForJobCompletion(job.id)).resolves.toExtend<EndedJob>()
    }
    expectTypeOf(look).toBeFunction()
    expectTypeOf(untyped).returns.toEqualTypeOf<Client>()
  })
})

describe('a request', () => {
  it('is held to its job type', () => {
    const ask = (client: Typed) => {
      // @ts-expect-error: no such type
      client.createJob('stroy', { hero: 'Fox' })
      // @ts-expect-error: other params
      client.createJob('story', { weeks: 4 })
      // @ts-expect-error: the params of another type
      client.createJobs([{ job_type: 'story', params: { weeks: 4 } }])
      // @ts-expect-error: no such priority
      client.createJob('story', { hero: 'Fox' }, { priority: 'urgent' })
      const { createSchedule } = schedulesOf(client)
      // @ts-expect-error: the params of another type
      createSchedule({ name: 'a', job_type: 'story', params: { weeks: 4 } })
      return createSchedule({
        name: 'a',
        job_type: 'story',
        params: { hero: 'Fox' },
        cron: '@daily',
      })
    }
    expectTypeOf(ask).toBeFunction()
  })
})

describe('the queue of a server', () => {
  it('knows the job types', () => {
    const ask = async (queue: Queue<TypesOf<typeof jobTypes>>) => {
      const { job, outcome } = await queue.enqueue('story', { hero: 'Fox' }, { user_id: null })
      expectTypeOf(outcome).toEqualTypeOf<'created' | 'existing'>()
      expectTypeOf(job.params).toEqualTypeOf<{ hero: string }>()
      expectTypeOf(queue.get(job.id, { user_id: null })).resolves.toExtend<{ job_type: 'story' }>()
      // @ts-expect-error: other params
      queue.enqueue('story', { weeks: 4 }, { user_id: null })
      // @ts-expect-error: whose it is must be said
      queue.enqueue('story', { hero: 'Fox' }, {})
      // @ts-expect-error: no such option
      queue.enqueue('story', { hero: 'Fox' }, { user_id: null, idempotencyKey: 'a' })
    }
    expectTypeOf(ask).toBeFunction()
    const make = () => createQueue({} as SupabaseClient, { jobTypes })
    expectTypeOf(make).returns.toEqualTypeOf<Queue<TypesOf<typeof jobTypes>>>()
  })
})

describe('the hooks', () => {
  it('know the job types of their client', () => {
    const render = () => {
      const { useActiveJob, useCreateJob, useJob, useSchedules } = createHooks(typed())
      const { createJob, job } = useCreateJob('story')
      expectTypeOf(createJob).parameter(0).toEqualTypeOf<{ hero: string }>()
      expectTypeOf(useJob(job?.id)).toEqualTypeOf<ReturnType<typeof useJob<'story'>>>()
      expectTypeOf(useActiveJob('training_plan').job).toExtend<
        { job_type: 'training_plan' } | null | undefined
      >()
      const { createSchedule } = useSchedules()
      // @ts-expect-error: the params of another type
      createSchedule({ name: 'a', job_type: 'story', params: { weeks: 4 } })
      return useJob('some id')
    }
    expectTypeOf(render).toBeFunction()
  })
})

describe('the queries', () => {
  it('know the job types of their client', () => {
    const render = (id: string) => {
      const { activeJobOptions, createJobOptions, jobOptions } = createQueries(typed())
      const { data: active } = useQuery(activeJobOptions('story'))
      expectTypeOf(active?.params).toEqualTypeOf<{ hero: string } | undefined>()
      const { data: job } = useQuery(jobOptions(active?.id))
      if (job?.status === 'completed') {
        expectTypeOf(job.result).toEqualTypeOf<{ chapters: string[] }>()
      }
      expectTypeOf(useMutation(createJobOptions('story')).mutate)
        .parameter(0)
        .toEqualTypeOf<{ hero: string }>()
      return new QueryClient().getQueryData(jobOptions(id).queryKey)?.job_type
    }
    expectTypeOf(render).returns.toEqualTypeOf<'story' | 'training_plan' | undefined>()
  })
})

describe('a worker', () => {
  it('knows the params and results of its job types', () => {
    const make = (supabase: SupabaseClient) =>
      createWorker({
        supabase,
        jobTypes,
        handlers: {
          async story(job, params) {
            expectTypeOf(params).toEqualTypeOf<{ hero: string }>()
            expectTypeOf(job.signal).toEqualTypeOf<AbortSignal>()
            expectTypeOf(job.step('a', () => 7)).resolves.toBeNumber()
            const asked = job.enqueue('b', { job_type: 'training_plan', params: { weeks: 4 } })
            expectTypeOf(asked).resolves.toEqualTypeOf<JobId<'training_plan'>>()
            // @ts-expect-error: the params of another type
            job.enqueue('c', { job_type: 'training_plan', params: { hero: 'Fox' } })
            return { chapters: [await job.step('text', () => params.hero)] }
          },
        },
      })
    expectTypeOf(make).returns.toEqualTypeOf<JobWorker>()
    const wrong = (supabase: SupabaseClient) => [
      // @ts-expect-error: another result
      createWorker({ supabase, jobTypes, handlers: { story: () => ({ chapters: 7 }) } }),
      // @ts-expect-error: no such type
      createWorker({ supabase, jobTypes, handlers: { stroy: () => ({ chapters: [] }) } }),
    ]
    expectTypeOf(wrong).toBeFunction()
  })

  it('of an app that has told no types runs any', () => {
    const make = (supabase: SupabaseClient) =>
      createWorker({ supabase, handlers: { story: (_job, { hero }) => hero } })
    expectTypeOf(make).returns.toEqualTypeOf<JobWorker>()
  })
})
