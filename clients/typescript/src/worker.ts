/**
 * Runs jobs in TypeScript, in Node, Deno and Edge Functions, beside Python's workers or without
 * them. `import { createWorker } from '@supajobs/client/worker'`.
 */

import type { SupabaseClient } from '@supabase/supabase-js'
import type { AnyJobTypes, DefinedJobTypes, JobTypeName, JobTypes } from './job-types.ts'
import { type Log, writeTrouble } from './worker/log.ts'
import { type Counts, Processor } from './worker/processor.ts'
import type { AnyHandler } from './worker/run.ts'
import type { RunningJob } from './worker/running-job.ts'

export type { Cause } from './worker/causes.ts'
export type { Log, LogEntry } from './worker/log.ts'
export type { Counts } from './worker/processor.ts'
export { JobStoppedError, type StopCode } from './worker/run.ts'
export type { Duration, JobRequest, Parent, RunningJob } from './worker/running-job.ts'
export type { SettleOutcome } from './worker/settler.ts'
export {
  PermanentError,
  type PermanentErrorOptions,
  RetryLaterError,
  WaitTimeoutError,
} from './worker/verdicts.ts'

/** Milliseconds: more looks find no more, and keep the database busy. */
const MIN_POLL = 100

/** What runs the jobs of a type. What it returns is the result, and becomes JSON. */
export type Handler<Types extends JobTypes, Name extends JobTypeName<Types>> = (
  job: RunningJob<Types>,
  params: Types[Name]['params'],
) => Promise<Types[Name]['result']> | Types[Name]['result']

/** One for each job type that this worker runs; it leaves the others to other workers. */
export type Handlers<Types extends JobTypes> = {
  [Name in JobTypeName<Types>]?: Handler<Types, Name>
}

export interface WorkerOptions<Types extends JobTypes> {
  /** With the project's secret key. */
  supabase: SupabaseClient
  handlers: Handlers<Types>
  /** From `defineJobTypes`: params and results are then of these types. */
  jobTypes?: DefinedJobTypes<Types> | undefined
  /** How many jobs run at the same time; 4, if not given. */
  concurrency?: number | undefined
  /** Hears of what goes wrong, without secrets. By default that is written to the console. */
  log?: Log | undefined
}

export interface RunOptions {
  /** Stops the worker: it takes no more jobs, and gives back what has not ended in `grace`. */
  signal?: AbortSignal | undefined
  /** Milliseconds that running jobs have to end after that; 8 s, if not given. */
  grace?: number | undefined
  /** Milliseconds between looks for jobs while there are none; 2 s, if not given, 100 at least. */
  poll?: number | undefined
}

export interface DrainOptions {
  /** Milliseconds after which jobs that still run are given back, within seconds. */
  timeLimit?: number | undefined
  /** The same, before. */
  signal?: AbortSignal | undefined
}

export interface JobWorker {
  /** Works until the signal aborts: in a process of its own. */
  run(options?: RunOptions): Promise<void>
  /**
   * Works until nothing is due and nothing runs: in an Edge Function that is triggered. Counts the
   * jobs by what became of them. One drain runs at a time: a second call joins it.
   *
   * Throws a SupajobsError if the queue does not answer; jobs that ran have been settled.
   */
  drain(options?: DrainOptions): Promise<Counts>
}

/** A worker for these job types. Each has its row in plan_job_types. */
export function createWorker<Types extends JobTypes = AnyJobTypes>({
  supabase,
  handlers,
  concurrency = 4,
  log = writeToConsole,
}: WorkerOptions<Types>): JobWorker {
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new RangeError(`concurrency is how many jobs run at the same time, not ${concurrency}`)
  }
  const given = Object.entries(handlers) as [string, AnyHandler | undefined][]
  const known = given.filter((each): each is [string, AnyHandler] => each[1] !== undefined)
  const processor = new Processor(supabase, new Map(known), concurrency, guard(log))
  return {
    async run({ signal, grace = 8000, poll = 2000 } = {}) {
      requireTime('grace', grace, 0)
      requireTime('poll', poll, MIN_POLL)
      await processor.work({ signal, grace, poll })
    },
    async drain({ timeLimit = Number.POSITIVE_INFINITY, signal } = {}) {
      requireTime('timeLimit', timeLimit, 0)
      return await processor.work({ signal, timeLimit, grace: 0, poll: 2000, isDrain: true })
    },
  }
}

/** Throws for what is no number of milliseconds, or less than that. */
function requireTime(name: string, given: number, least: number): void {
  if (!(given >= least)) {
    throw new RangeError(`${name} is in milliseconds, at least ${least}, and not ${given}`)
  }
}

/** A log that fails is no reason to leave jobs alone. */
function guard(log: Log): Log {
  return async (entry) => {
    try {
      await log(entry)
    } catch (error) {
      writeToConsole(entry)
      writeToConsole(writeTrouble('log_failed', error))
    }
  }
}

const writeToConsole: Log = (entry) => {
  // biome-ignore lint/suspicious/noConsole: a worker that says nothing of its troubles is no use
  console.warn(JSON.stringify(entry))
}
