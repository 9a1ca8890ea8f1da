import { type ApiError, refusal } from './errors.ts'
import type { Job } from './job.ts'
import { complete } from './rows.ts'

/** What the functions answer that are asked for a job, or to change one. */
export interface Outcome {
  outcome?: string
  job?: Job | null
  /** Where a job stands that waits. */
  position?: object | null
  payload?: unknown
  replaced?: boolean
  /** Seconds. */
  retry_after?: number
}

const NOT_FOUND = [404, 'job_not_found', 'You have no such job.'] as const
const FINISHED = [409, 'job_finished', 'The job has ended.'] as const

/** The outcomes that are refusals, as the API words them. */
const REFUSALS: Readonly<Record<string, readonly [number, string, string]>> = {
  conflict: [409, 'idempotency_conflict', 'This idempotency key was used for another request.'],
  cost_limited: [
    429,
    'monthly_cost_reached',
    'Your jobs of this type have cost what they may in a month.',
  ],
  finished: FINISHED,
  not_found: NOT_FOUND,
  provider_key_required: [
    422,
    'provider_key_required',
    'The job had brought a key of its own, which was erased when it ended.',
  ],
  rate_limited: [
    429,
    'rate_limited',
    'You have asked for as many of these as you may for the moment.',
  ],
  too_late: [409, 'signal_too_late', 'The job has waited for this until its time was over.'],
}

/** Throws what an outcome stands for that is none to go on with. */
export function requireAllowed(answer: Outcome): void {
  const refused = REFUSALS[answer.outcome ?? '']
  if (refused) {
    throw refuse(refused, answer.retry_after)
  }
}

/** The job of an answer that nothing stands against. */
export function requireJob(answer: Outcome): Job {
  requireAllowed(answer)
  const { job, position, outcome } = answer
  if (!job) {
    throw refuse(NOT_FOUND)
  }
  if (outcome === 'not_finished' && job.status !== 'pending') {
    throw refuse(
      job.completed_at
        ? FINISHED
        : [409, 'job_not_finished', 'The job is still on its way; there is nothing to retry.'],
    )
  }
  return complete({ ...position, ...job })
}

function refuse(
  [status, code, detail]: readonly [number, string, string],
  retryAfter: number | null = null,
): ApiError {
  return refusal(status, { code, detail } as object, retryAfter)
}
