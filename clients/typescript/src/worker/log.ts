import { type Cause, describeCause } from './causes.ts'
import type { ClaimedJob } from './claims.ts'

/** A line of a worker's log. It has no secrets in it. */
export interface LogEntry {
  event: string
  job_id?: string
  job_type?: string
  trace_id?: string | null
  /** What to do about it. */
  hint?: string
  cause?: Cause
}

export type Log = (entry: LogEntry) => unknown

/** A line on something that went wrong. */
export function writeTrouble(event: string, error: unknown, job?: ClaimedJob): LogEntry {
  const about = job && { job_id: job.id, job_type: job.job_type, trace_id: job.trace_id }
  return { event, ...about, cause: describeCause(error) }
}
