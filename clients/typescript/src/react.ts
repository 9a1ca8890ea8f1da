'use client'

/** Hooks for React: `import { createHooks } from '@supajobs/client/react'`. */

import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { Connected } from './connection.ts'
import { ConflictError } from './errors.ts'
import { useForgettable } from './forgettable.ts'
import type { Job, RequestedJob } from './job.ts'
import type { AnyJobTypes, JobId, JobTypeName, JobTypes } from './job-types.ts'
import type { JobMethods } from './jobs.ts'
import { type RefreshHooks, refreshHooks } from './refresh-hooks.ts'
import type { JobOptions } from './requests.ts'
import { type ScheduleHooks, scheduleHooks } from './schedule-hooks.ts'
import { NOTHING, type Start, type State, Store } from './store.ts'
import type { WaitingMethods } from './waiting.ts'

/** What the hooks call: a client, or one whose reading methods are those of a reader. */
export type HookedClient<Types extends JobTypes> = Connected<Types> &
  Pick<JobMethods<Types>, 'cancelJob' | 'createJob' | 'getActiveJob' | 'retryJob'> &
  WaitingMethods<Types>

/** What one does with a job that one follows. */
export interface JobActions {
  /** Cancels it. If it has ended meanwhile, it stays so. */
  cancelJob(): void
  /** Runs it again, or follows a newer one that it would double. */
  retryJob(): void
}

export interface FollowedJob<Types extends JobTypes, Name extends JobTypeName<Types>>
  extends JobActions {
  /** As it is now; undefined until it is known. */
  job: Job<Types, Name> | undefined
  /** Why it cannot be followed any more, or was not cancelled or retried. */
  error: unknown
}

export interface FoundJob<Types extends JobTypes, Name extends JobTypeName<Types>>
  extends JobActions {
  /** As it is now, also when it has ended meanwhile; null: there was none. */
  job: Job<Types, Name> | null | undefined
  error: unknown
}

export interface CreatedJob<Types extends JobTypes, Name extends JobTypeName<Types>>
  extends FollowedJob<Types, Name> {
  /** Asks for a job; what becomes of it is here. */
  createJob(params: Types[Name]['params'], options?: JobOptions): void
  /** Whether one is being asked for. */
  isCreating: boolean
}

export interface Hooks<Types extends JobTypes> extends RefreshHooks, ScheduleHooks<Types> {
  /** Forgets all that is known, and asks anew: to be called when it is another user who is signed in. */
  forget(): void
  /** Follows a job to its end; nothing, while there is no id. */
  useJob<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name> | null | undefined,
  ): FollowedJob<Types, Name>
  /** Finds the job of this type that waits or runs, and follows it to its end. */
  useActiveJob<Name extends JobTypeName<Types>>(jobType: Name): FoundJob<Types, Name>
  /** Asks for a job of this type, and follows it to its end. */
  useCreateJob<Name extends JobTypeName<Types>>(jobType: Name): CreatedJob<Types, Name>
}

/**
 * Hooks for this client:
 *
 *     export const { useActiveJob, useCreateJob, useJob, useRefresh, useSchedules } =
 *       createHooks(client)
 *
 * However many components follow a job, it is asked for once. On a server nothing is.
 */
export function createHooks<Types extends JobTypes = AnyJobTypes>(
  client: HookedClient<Types>,
): Hooks<Types> {
  const store = new Store()
  const starts = startsOf(client)

  function useStored<Value>(kind: keyof typeof starts, name: string | null | undefined) {
    const key = `${kind} ${name}`
    const listen = useCallback(
      (listener: () => void) =>
        name ? store.listen(key, starts[kind](name) as Start<unknown>, listener) : () => undefined,
      [kind, name, key],
    )
    const get = (): State<Value> => store.get(key)
    return useSyncExternalStore(listen, get, nothing)
  }

  const useJob: Hooks<Types>['useJob'] = <Name extends JobTypeName<Types>>(
    id: JobId<Name> | null | undefined,
  ) => {
    const { value, error } = useStored<Job<Types, Name>>('job', id)
    const actions = useMemo(() => jobActions(client, store, id), [id])
    return { ...actions, job: value, error }
  }

  const useActiveJob: Hooks<Types>['useActiveJob'] = <Name extends JobTypeName<Types>>(
    jobType: Name,
  ) => {
    const found = useStored<Job<Types, Name> | null>('active', jobType)
    const followed = useJob(found.value?.id as JobId<Name> | undefined)
    return { ...followed, job: followed.job ?? found.value, error: followed.error ?? found.error }
  }

  const useCreateJob: Hooks<Types>['useCreateJob'] = <Name extends JobTypeName<Types>>(
    jobType: Name,
  ) => {
    const [asked, begin] = useForgettable<Asked<RequestedJob<Types, Name>>>(store, UNASKED)
    const followed = useJob(asked.job?.id as JobId<Name> | undefined)
    const createJob = useCallback(
      (params: Types[Name]['params'], options?: JobOptions) => {
        const tell = begin()
        const note = (job: RequestedJob<Types, Name>) =>
          tell(() => ({ ...UNASKED, job })) && store.tell(`active ${jobType}`, job)
        const blame = (error: unknown) => tell(() => ({ ...UNASKED, error }))
        tell(() => ({ ...UNASKED, isCreating: true }))
        client.createJob(jobType, params, options).then(note, blame)
      },
      [jobType, begin],
    )
    return {
      ...followed,
      createJob,
      isCreating: asked.isCreating,
      job: followed.job ?? asked.job,
      error: asked.error ?? followed.error,
    }
  }

  return {
    forget: store.forget,
    useActiveJob,
    useCreateJob,
    useJob,
    ...refreshHooks(client, store),
    ...scheduleHooks(client, store),
  }
}

interface Asked<Requested> {
  isCreating: boolean
  job: Requested | undefined
  error: unknown
}

/** What a server knows. */
const nothing = () => NOTHING
const UNASKED = { isCreating: false, job: undefined, error: undefined }

function follow<Types extends JobTypes>(
  client: HookedClient<Types>,
  id: string,
): Start<Job<Types>> {
  return (tell, signal) => client.waitForJobCompletion(id, tell, { signal })
}

/** What is asked for by an id, and by a type. */
function startsOf<Types extends JobTypes>(client: HookedClient<Types>) {
  return {
    job: (id: string) => follow(client, id),
    active:
      (jobType: string): Start<Job<Types> | null> =>
      async (tell, signal) =>
        tell(await client.getActiveJob(jobType as JobTypeName<Types>, { signal })),
  }
}

type Mark = ReturnType<Store['mark']>

function jobActions<Types extends JobTypes>(
  client: HookedClient<Types>,
  store: Store,
  id: string | null | undefined,
): JobActions {
  const key = `job ${id}`
  const act = async (action: (id: string, unlessForgotten: Mark) => Promise<unknown>) => {
    // After a retry it may be a newer one.
    const followed = store.get<Job<Types>>(key).value?.id ?? id
    if (!followed) {
      return
    }
    const unlessForgotten = store.mark()
    try {
      await action(followed, unlessForgotten)
    } catch (error) {
      unlessForgotten(() => {
        if (error instanceof ConflictError) {
          // It is in another state than was shown.
          store.restart(key, follow(client, followed))
        } else {
          store.blame(key, error)
        }
      })
    }
  }
  return {
    cancelJob: () => act((asked) => client.cancelJob(asked)),
    retryJob: () =>
      act(async (asked, unlessForgotten) => {
        const job = await client.retryJob(asked)
        unlessForgotten(() => {
          store.tell(key, job)
          store.restart(key, follow(client, job.id))
        })
      }),
  }
}
