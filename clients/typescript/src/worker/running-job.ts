import type { JobError, JobStatus } from '../job.ts'
import type { JobId, JobTypeName, JobTypes } from '../job-types.ts'
import type { components } from '../openapi.ts'
import type { ClaimedJob } from './claims.ts'

type Schemas = components['schemas']

/** Together at most 366 days. */
export interface Duration {
  days?: number
  hours?: number
  minutes?: number
  seconds?: number
}

/** A job that another one asks for: of the same user and project, unless it says otherwise. */
export type JobRequest<Types extends JobTypes> = {
  [Name in JobTypeName<Types>]: Omit<Schemas['JobBody'], 'job_type' | 'params'> & {
    job_type: Name
    params: Types[Name]['params']
    user_id?: string | null
  }
}[JobTypeName<Types>]

/** A job that this one has waited for. Of one that was deleted since, there is no result. */
export interface Parent {
  ref: string
  job_id: string
  job_type: string | null
  status: JobStatus | 'deleted'
  result: unknown
  error: JobError | null
}

type Told = Omit<ClaimedJob, 'claim_id' | 'lease_seconds' | 'max_runtime_seconds' | 'params'>

/** A job, to its handler. */
export interface RunningJob<Types extends JobTypes> extends Told {
  /**
   * Aborts when the handler is to end: the job was cancelled, took too long, or is no longer this
   * worker's; or the worker stops. What then throws, costs no retry. Pass it on to `fetch`.
   */
  readonly signal: AbortSignal
  /** Says how far it is, in percent; the user sees it with the next heartbeat. */
  report(percentage: number, message?: string, phase?: string): void
  /**
   * Does the work once: a later attempt gets its output back, which is saved as JSON before this
   * resolves. The name is unique within the job.
   */
  step<Output>(name: string, work: () => Promise<Output> | Output): Promise<Output>
  /** Ends the attempt for so long. The handler begins anew then, and passes here. */
  sleep(name: string, duration: Duration): Promise<void>
  /**
   * The payload of the signal of this name. Until it comes, the attempt ends; a WaitTimeoutError if
   * it has not come in time.
   */
  waitFor(name: string, timeout: Duration): Promise<unknown>
  /** Asks for a job, once for each name, and answers with its id. */
  enqueue<Request extends JobRequest<Types>>(
    name: string,
    request: Request,
  ): Promise<JobId<Request['job_type']>>
  /** The jobs that it came after, by the names that its request had for them. */
  parents(): Promise<Record<string, Parent>>
}
