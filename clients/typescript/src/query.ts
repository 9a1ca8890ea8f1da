/** For TanStack Query: `import { createQueries } from '@supajobs/client/query'`. */

import {
  mutationOptions,
  type QueryClient,
  type QueryFunction,
  queryOptions,
  type SkipToken,
  skipToken,
  type UseMutationOptions,
} from '@tanstack/react-query'
import type { Client } from './client.ts'
import type { Job, JobSummary, RequestedJob } from './job.ts'
import type { AnyJobTypes, JobId, JobTypeName, JobTypes } from './job-types.ts'
import type { JobFilters } from './jobs.ts'
import { type Schedule, schedulesOf } from './schedules.ts'

type Key = readonly [from: 'supajobs', ...of: unknown[]]
type Query<Value> = ReturnType<typeof queryOptions<Value, Error, Value, Key>>

export interface Queries<Types extends JobTypes> {
  /** A job, with each of its states until it has ended. Nothing, while there is no id. */
  jobOptions<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name> | null | undefined,
  ): Query<Job<Types, Name>>
  /** The user's job of this type that waits or runs; null: there is none. */
  activeJobOptions<Name extends JobTypeName<Types>>(jobType: Name): Query<Job<Types, Name> | null>
  /** The user's newest jobs: one page. */
  jobsOptions(filters?: JobFilters): Query<JobSummary[]>
  /** All schedules of the user. */
  schedulesOptions(): Query<Schedule[]>
  /** Asks for a job of this type, which then is the active one. */
  createJobOptions<Name extends JobTypeName<Types>>(
    jobType: Name,
  ): UseMutationOptions<RequestedJob<Types, Name>, Error, Types[Name]['params']>
  /** Cancels a job. */
  cancelJobOptions(): UseMutationOptions<Job<Types>, Error, JobId>
  /** Runs a failed or cancelled job again. */
  retryJobOptions(): UseMutationOptions<Job<Types>, Error, JobId>
}

/**
 * Options for `useQuery` and `useMutation`, for this client:
 *
 *     export const { createJobOptions, jobOptions } = createQueries(client)
 *     const { data: job } = useQuery(jobOptions(id))
 *
 * All keys begin with `supajobs`.
 */
export function createQueries<Types extends JobTypes = AnyJobTypes>(
  client: Client<Types>,
): Queries<Types> {
  const { listSchedules } = schedulesOf(client)
  const queries: Queries<Types> = {
    jobOptions<Name extends JobTypeName<Types>>(id: JobId<Name> | null | undefined) {
      const follow: QueryFunction<Job<Types, Name>, Key> = async ({
        client: cache,
        queryKey,
        signal,
      }) =>
        (await client.waitForJobCompletion(
          id as JobId<Name>,
          (job) => signal.aborted || cache.setQueryData(queryKey, job),
          { signal },
        )) as unknown as Job<Types, Name>
      return {
        ...query<Job<Types, Name>>(['job', id], id ? follow : skipToken),
        // What has ended stays as it is; what has not may have gone on unseen.
        staleTime: ({ state }) => (state.data?.completed_at ? Number.POSITIVE_INFINITY : 0),
      }
    },
    activeJobOptions: (jobType) =>
      query(['active', jobType], ({ signal }) => client.getActiveJob(jobType, { signal })),
    jobsOptions: (filters = {}) =>
      query(['jobs', filters], async ({ signal }) => {
        const { value } = await client.listJobs(filters, { signal }).next()
        return value ?? []
      }),
    schedulesOptions: () =>
      query(['schedules'], async ({ signal }) => {
        const all: Schedule[] = []
        for await (const page of listSchedules({ limit: 100 }, { signal })) {
          all.push(...page)
        }
        return all
      }),
    createJobOptions: (jobType) =>
      mutationOptions({
        mutationFn: async (params, { client: cache }) => {
          const isThere = mark(cache)
          const job = await client.createJob(jobType, params)
          if (isThere()) {
            cache.setQueryData(queries.activeJobOptions(jobType).queryKey, job)
          }
          return job
        },
      }),
    cancelJobOptions: () => changing((id) => client.cancelJob<JobTypeName<Types>>(id)),
    retryJobOptions: () => changing((id) => client.retryJob<JobTypeName<Types>>(id)),
  }

  function changing(change: (id: JobId) => Promise<Job<Types>>) {
    return mutationOptions<Job<Types>, Error, JobId>({
      mutationFn: async (id, { client: cache }) => {
        const { queryKey } = queries.jobOptions(id)
        const isThere = mark(cache)
        try {
          const job = await change(id)
          if (isThere()) {
            cache.setQueryData(queries.jobOptions(job.id).queryKey, job)
          }
          return job
        } finally {
          if (isThere()) {
            // Who looks at it follows it again, but for who still does.
            cache.invalidateQueries({ queryKey }, { cancelRefetch: false })
          }
        }
      },
    })
  }

  return queries
}

/** Whether the mutation that asks is still there: else all was cleared, for the next user say. */
function mark(cache: QueryClient): () => boolean {
  const mutations = cache.getMutationCache()
  const present = mutations.getAll()
  return () => present.some((each) => mutations.getAll().includes(each))
}

/** What the client may ask for again, it has asked for again. */
function query<Value>(
  of: readonly unknown[],
  queryFn: QueryFunction<Value, Key> | SkipToken,
): Query<Value> {
  return queryOptions<Value, Error, Value, Key>({
    queryKey: ['supajobs', ...of],
    queryFn,
    retry: false,
  })
}
