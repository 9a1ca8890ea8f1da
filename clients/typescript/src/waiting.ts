import type { CallOptions } from './connection.ts'
import { JobNotEndedError } from './errors.ts'
import type { EndedJob, Job } from './job.ts'
import type { JobId, JobTypeName, JobTypes } from './job-types.ts'
import { heed } from './pauses.ts'
import { type OnUpdate, type Source, Wait } from './wait.ts'

const LONGEST_TIMER = 2 ** 31 - 1

export interface CompletionOptions extends CallOptions {
  /** Milliseconds. By default one waits for as long as it takes. */
  timeout?: number | undefined
}

export interface WaitingMethods<Types extends JobTypes> {
  /**
   * Resolves with the job once it has ended, well or not; `onUpdate` hears of each state.
   *
   * It goes on through restarts of the API, lost networks, sleeping devices and new tokens, with at
   * most one request a second. Throws a JobNotEndedError after `timeout`, an ApiError if the job
   * may not be read (any more).
   */
  waitForJobCompletion<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    onUpdate?: ((job: Job<Types, Name>) => void) | null,
    options?: CompletionOptions,
  ): Promise<EndedJob<Types, Name>>
}

/** Waits for a job to end, in a way of its own for each place where one hears of it. */
export function waitingMethods<Types extends JobTypes>(
  open: (id: string, wake: () => void) => Source,
): WaitingMethods<Types> {
  return {
    async waitForJobCompletion<Name extends JobTypeName<Types>>(
      id: JobId<Name>,
      onUpdate?: ((job: Job<Types, Name>) => void) | null,
      { signal, timeout = LONGEST_TIMER }: CompletionOptions = {},
    ) {
      signal?.throwIfAborted()
      const ending = new AbortController()
      const giveUp = () => ending.abort(new JobNotEndedError(timeout))
      const timer = setTimeout(giveUp, Math.min(timeout, LONGEST_TIMER))
      const wait: Wait = new Wait(
        open(id, () => wait.wake()),
        onUpdate as unknown as OnUpdate,
        ending,
      )
      try {
        return (await heed(wait.untilEnd(), signal)) as unknown as EndedJob<Types, Name>
      } finally {
        clearTimeout(timer)
        ending.abort()
      }
    },
  }
}
