import type { SupabaseClient } from '@supabase/supabase-js'
import { SupajobsError } from '../errors.ts'
import type { JobTypes } from '../job-types.ts'
import type { ClaimedJob } from './claims.ts'
import { type Log, writeTrouble } from './log.ts'
import type { JobRequest, RunningJob } from './running-job.ts'
import { SavedWork } from './saved-work.ts'
import type { Ending } from './settler.ts'
import { clean, makeStorable } from './storable.ts'
import { judge, TIMED_OUT } from './verdicts.ts'

/** Characters of progress: it goes with the heartbeat, and leases depend on that. */
const MAX_TEXT = 2000
/** Milliseconds; a handler that does not heed its signal is left behind after this. */
const STOP_PATIENCE = 5000

/** Why a handler is to end. */
export type StopCode = 'job_cancelled' | 'job_lost' | 'suspended' | 'timeout' | 'worker_stopping'

/** The reason of `job.signal`, and what `job.step` and the like throw then. */
export class JobStoppedError extends SupajobsError {
  override name = 'JobStoppedError'

  constructor(code: StopCode) {
    super(code, 'The job is to end.')
  }
}

export type AnyHandler = (job: RunningJob<JobTypes>, params: object) => unknown

export interface Progress {
  phase: string
  percentage: number
  message: string
}

export interface Beat {
  job_id: string
  claim_id: string
  progress?: Progress
}

type Suspended = Extract<Ending, { kind: 'suspend' }>['told']

/** One claimed job in this process, from its start to its ending. */
export class Run {
  readonly job: ClaimedJob
  /** Whether it is no longer ours to settle. */
  isLost = false
  /** A handler that goes on after its end. */
  leftBehind: Promise<unknown> | undefined
  readonly #stopping = new AbortController()
  readonly signal: AbortSignal = this.#stopping.signal
  readonly #supabase: SupabaseClient
  readonly #onProgress: () => void
  readonly #log: Log
  #news: Progress | undefined
  #suspended: Suspended | undefined
  #isCutShort = false

  constructor(job: ClaimedJob, supabase: SupabaseClient, onProgress: () => void, log: Log) {
    this.job = job
    this.#supabase = supabase
    this.#onProgress = onProgress
    this.#log = log
  }

  /** Whether there is progress that was not sent yet. */
  get hasNews(): boolean {
    return this.#news !== undefined
  }

  /** Its part of a heartbeat, with what there is of progress. */
  makeBeat(): Beat {
    const progress = this.#news
    this.#news = undefined
    return {
      job_id: this.job.id,
      claim_id: this.job.claim_id,
      ...(progress && { progress }),
    }
  }

  /** What of progress did not arrive, unless there is newer one. */
  tellAgain(progress: Progress | undefined): void {
    this.#news ??= progress
  }

  /** Does what the answer to a heartbeat says. */
  obey(outcome: 'held' | 'lost' | 'cancelled', isCancelled: boolean): void {
    if (outcome !== 'held') {
      this.lose()
    } else if (isCancelled) {
      this.stop('job_cancelled')
    }
  }

  lose(): void {
    this.isLost = true
    this.stop('job_lost')
  }

  /** Has the handler end. */
  stop(code: StopCode): void {
    this.#stopping.abort(new JobStoppedError(code))
  }

  /** Ends the attempt to wait, whatever the handler makes of what this throws. */
  suspend(told: Suspended): never {
    this.#suspended ??= told
    this.stop('suspended')
    return this.refuse()
  }

  /** Throws why the handler is to end. One that catches that has no result. */
  refuse(): never {
    this.#isCutShort = true
    throw this.signal.reason
  }

  /** Runs the handler to its end, to its deadline, or until the run is stopped. */
  async handle(handler: AnyHandler): Promise<Ending> {
    const deadline = setTimeout(() => this.stop('timeout'), 1000 * this.job.max_runtime_seconds)
    let patience: unknown
    const over = new AbortController()
    const left = new Promise<undefined>((resolve) => {
      const begin = () => {
        patience = setTimeout(resolve, STOP_PATIENCE)
      }
      this.signal.addEventListener('abort', begin, { signal: over.signal })
    })
    const handling = this.#call(handler)
    const ending = await Promise.race([handling, left])
    over.abort()
    clearTimeout(deadline)
    clearTimeout(patience as number | undefined)
    if (!ending) {
      this.leftBehind = handling
    }
    return ending ?? this.#endStopped()
  }

  async #call(handler: AnyHandler): Promise<Ending> {
    const { params, ...job } = this.job
    try {
      const work = new SavedWork(this.#supabase, this, this.#log)
      const result = await handler(this.#tell(job, work), params as object)
      if (!this.#isCutShort) {
        return { kind: 'complete', told: { result: makeStorable(result, 'result') } }
      }
    } catch (error) {
      if (!this.#isCutShort) {
        return this.#explain(error)
      }
    }
    return this.#endStopped()
  }

  #tell(job: Omit<ClaimedJob, 'params'>, work: SavedWork): RunningJob<JobTypes> {
    return {
      ...job,
      signal: this.signal,
      report: (percentage, message, phase) => {
        this.#news = {
          phase: readText(phase),
          percentage: Math.min(100, Math.max(0, Math.round(percentage) || 0)),
          message: readText(message),
        }
        this.#onProgress()
      },
      step: (name, handed) => forgive(work.step(name, handed)),
      sleep: (name, duration) => forgive(work.sleep(name, duration)),
      waitFor: (name, timeout) => forgive(work.waitFor(name, timeout)),
      enqueue: (name, request: JobRequest<JobTypes>) => forgive(work.enqueue(name, request)),
      parents: () => forgive(work.parents()),
    }
  }

  #explain(error: unknown): Ending {
    if (this.signal.aborted) {
      return this.#endStopped()
    }
    this.#log(writeTrouble('handler_failed', error, this.job))
    return { kind: 'fail', told: judge(error) }
  }

  #endStopped(): Ending {
    if (this.#suspended) {
      return { kind: 'suspend', told: this.#suspended }
    }
    const { code } = this.signal.reason as JobStoppedError
    return code === 'timeout' ? { kind: 'fail', told: TIMED_OUT } : { kind: 'release', told: {} }
  }
}

/** A handler may not await it: what went wrong then is no reason to end Node, and all other jobs. */
function forgive<Value>(coming: Promise<Value>): Promise<Value> {
  coming.catch(() => undefined)
  return coming
}

/** Handlers in JavaScript hand in null as well, and what is no text. */
function readText(given: unknown): string {
  return clean(String(given ?? '').slice(0, MAX_TEXT))
}
