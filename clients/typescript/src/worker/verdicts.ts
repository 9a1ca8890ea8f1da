/** The one place that classifies the errors of handlers. */

import { ApiError, InvalidRequestError, SupajobsError } from '../errors.ts'
import type { JobError } from '../job.ts'
import { type Cause, describeCause, hide } from './causes.ts'
import { makeStorable, mapText, UnstorableError } from './storable.ts'

/** How an attempt ended badly, as fail_plan_jobs takes it. Times in seconds. */
export interface Failure {
  error: Pick<JobError, 'code' | 'message'> & { detail?: unknown }
  retryable?: boolean
  /** In place of the backoff. */
  retry_after?: number
  /** The backoff is no less. */
  not_before?: number | undefined
  cause?: Cause
}

export interface PermanentErrorOptions extends ErrorOptions {
  /** For programs; by default `refused`. */
  code?: string
  /** JSON. */
  detail?: unknown
}

/** Thrown by a handler when trying again would be no use. The user reads the message. */
export class PermanentError extends Error {
  override name = 'PermanentError'
  readonly code: string
  readonly detail: unknown

  constructor(message: string, options: PermanentErrorOptions = {}) {
    super(message, options)
    this.code = options.code ?? 'refused'
    this.detail = options.detail ?? null
  }
}

/** Thrown by `job.waitFor` when nobody has answered in time. A handler may catch it. */
export class WaitTimeoutError extends PermanentError {
  override name = 'WaitTimeoutError'

  constructor(wait: string) {
    super('Nobody answered in time.', { code: 'wait_timed_out', detail: { name: wait } })
  }
}

/**
 * Thrown by a handler whose job is to be tried again later: a provider is busy, or out of reach.
 * The wait is the backoff, and no less than `retryAfter` (seconds).
 */
export class RetryLaterError extends Error {
  override name = 'RetryLaterError'
  readonly retryAfter: number | undefined

  constructor(retryAfter?: number, options?: ErrorOptions) {
    super('to be tried again later', options)
    this.retryAfter = retryAfter
  }
}

const BUSY = { code: 'rate_limited', message: 'A service that this job needs is busy.' }
const UNREACHABLE = {
  code: 'provider_unavailable',
  message: 'A service that this job needs is not answering.',
}
const UNEXPECTED = { code: 'internal_error', message: 'Something went wrong on our side.' }
const FOLLOW_UP_REFUSED = {
  code: 'follow_up_refused',
  message: 'A job that was to follow could not be requested.',
}

/** As all that is unprocessable is. */
const FOR_GOOD = ['idempotency_conflict', 'monthly_cost_reached', 'user_gone']

export const TIMED_OUT: Failure = {
  error: { code: 'timeout', message: 'This took too long and was stopped.' },
  retry_after: 0,
}
export const OUTCOME_REFUSED: Failure = {
  error: { code: 'outcome_refused', message: 'The result could not be stored.' },
  retryable: false,
}

/** Characters, and bytes of JSON. */
const MAX_CODE = 100
const MAX_MESSAGE = 2000
const MAX_DETAIL = 16_384

/** What became of an attempt that ended with this error. */
export function judge(error: unknown): Failure {
  const cause = describeCause(error)
  try {
    return { ...classify(error), cause }
  } catch {
    // Of what a handler has put into it.
    return { error: UNEXPECTED, cause }
  }
}

function classify(error: unknown): Failure {
  if (error instanceof PermanentError) {
    return { error: tell(error), retryable: false }
  }
  if (error instanceof RetryLaterError) {
    return { error: BUSY, not_before: readSeconds(error.retryAfter) }
  }
  if (error instanceof UnstorableError) {
    const detail = { where: hide(error.where, 500), why: error.why }
    return { ...OUTCOME_REFUSED, error: { ...OUTCOME_REFUSED.error, detail } }
  }
  if (error instanceof SupajobsError) {
    return classifyRefusal(error)
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return TIMED_OUT
  }
  return classifyAnswer(error)
}

/** What an answer of the queue means: to the request for another job, most of all. */
function classifyRefusal(error: SupajobsError): Failure {
  if (error.code === 'supabase_refused') {
    return OUTCOME_REFUSED
  }
  if (error.code === 'rate_limited' && error instanceof ApiError) {
    return { error: FOLLOW_UP_REFUSED, not_before: readSeconds(error.retryAfter) }
  }
  const isForGood = error instanceof InvalidRequestError || FOR_GOOD.includes(error.code)
  return isForGood ? { error: FOLLOW_UP_REFUSED, retryable: false } : { error: UNEXPECTED }
}

/** What the error of an HTTP library means: those of many providers have the answer's status. */
function classifyAnswer(error: unknown): Failure {
  const answer = typeof error === 'object' && error !== null ? error : {}
  const {
    status,
    statusCode = status,
    headers,
    responseHeaders = headers,
  } = answer as {
    [name: string]: unknown
  }
  if (statusCode === 429) {
    const told = new Headers(responseHeaders as Record<string, string>).get('Retry-After')
    return { error: BUSY, not_before: readSeconds(told ?? undefined) }
  }
  return { error: typeof statusCode === 'number' && statusCode >= 500 ? UNREACHABLE : UNEXPECTED }
}

/** A time that is none is nobody's wish. */
function readSeconds(given: unknown): number | undefined {
  const seconds = Number(given ?? Number.NaN)
  return seconds >= 0 && seconds < Number.POSITIVE_INFINITY ? seconds : undefined
}

/** The error in words for the user: no secrets, and no longer than it may be. */
function tell({ code, message, detail }: PermanentError): Failure['error'] {
  return {
    code: hide(String(code), MAX_CODE),
    message: hide(String(message), MAX_MESSAGE),
    detail: bound(detail),
  }
}

function bound(detail: unknown): unknown {
  try {
    const told = mapText(makeStorable(detail, 'detail'), hide, 'detail')
    const { length } = new TextEncoder().encode(JSON.stringify(told))
    const why = `${length} bytes of JSON; ${MAX_DETAIL} is the most`
    return length > MAX_DETAIL ? { left_out: why } : told
  } catch {
    // Without it, the error still says what it has to.
    return null
  }
}
