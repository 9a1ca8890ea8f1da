import type { components, ProblemCode } from './openapi.ts'

export type { ProblemCode } from './openapi.ts'
export type Problem = components['schemas']['Problem']
export type FieldProblem = components['schemas']['FieldProblem']

/** The codes of this client's own errors. */
export type ClientCode = 'no_answer' | 'unexpected_answer' | 'job_not_ended'

/** An API newer than this client may have further ones. */
export type ErrorCode = ProblemCode | ClientCode | (string & Record<never, never>)

// Fields are only declared: the constructors assign them, and nothing else of them is shipped.

/**
 * All that this client throws, but for what `getToken` throws, for what cannot be sent (a
 * TypeError), and for an aborted call, which throws its signal's reason. Programs compare `code`; people read `message`.
 */
export class SupajobsError extends Error {
  override name = 'SupajobsError'
  declare readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** No answer came: the API, or the network, is away. What was asked for may have been done. */
export class NoAnswerError extends SupajobsError {
  override name = 'NoAnswerError'

  constructor(options?: ErrorOptions) {
    super('no_answer', 'The API did not answer.', options)
  }
}

/** The time that one was willing to wait is over; the job goes on. */
export class JobNotEndedError extends SupajobsError {
  override name = 'JobNotEndedError'

  /** `milliseconds`: how long one has waited. */
  constructor(milliseconds: number) {
    super('job_not_ended', `The job has not ended within ${milliseconds / 1000} s.`)
  }
}

/** The API refused: `application/problem+json`, or what a proxy says in its place. */
export class ApiError extends SupajobsError {
  override name = 'ApiError'
  declare readonly status: number
  /** Seconds, if the API says when to come back. */
  declare readonly retryAfter: number | null
  /** What to do about it, for people. */
  declare readonly hint: string | null
  /** What is wrong with which field of the request. */
  declare readonly errors: readonly FieldProblem[]
  /** Under this id it is in the API's log. */
  declare readonly traceId: string | null

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null) {
    super(
      problem.code ?? 'unexpected_answer',
      problem.detail ?? `What answered ${status} is not the API.`,
    )
    this.status = status
    this.retryAfter = retryAfter
    this.hint = problem.hint ?? null
    this.errors = problem.errors ?? []
    this.traceId = problem.trace_id ?? null
  }
}

/** 401: sign in again. */
export class NotAuthenticatedError extends ApiError {
  override name = 'NotAuthenticatedError'
}

/** 404: it is not theirs, or was deleted. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError'
}

/** 409: it cannot be done in the state in which things are. */
export class ConflictError extends ApiError {
  override name = 'ConflictError'
}

/** 422: see `errors`. */
export class InvalidRequestError extends ApiError {
  override name = 'InvalidRequestError'
}

/** 429: come back after `retryAfter` seconds. */
export class TooManyRequestsError extends ApiError {
  override name = 'TooManyRequestsError'
}

/** 502 or 503: come back after `retryAfter` seconds; nothing was lost. */
export class UnavailableError extends ApiError {
  override name = 'UnavailableError'
}

const CLASSES: Readonly<Record<number, typeof ApiError>> = {
  401: NotAuthenticatedError,
  404: NotFoundError,
  409: ConflictError,
  422: InvalidRequestError,
  429: TooManyRequestsError,
  502: UnavailableError,
  503: UnavailableError,
}

/** The error that an answer stands for. */
export async function readRefusal(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get('Content-Type')?.includes('problem+json')
  const problem: Partial<Problem> = isProblem ? await response.json() : {}
  return refusal(response.status, problem, readRetryAfter(response.headers.get('Retry-After')))
}

/** An error of the class that stands for this status. */
export function refusal(
  status: number,
  problem: Partial<Problem>,
  retryAfter: number | null = null,
): ApiError {
  return new (CLASSES[status] ?? ApiError)(status, problem, retryAfter)
}

/** Seconds; a proxy may write a date instead, which is no number. */
function readRetryAfter(written: string | null): number | null {
  const seconds = Number(written) || (Date.parse(written ?? '') - Date.now()) / 1000
  return Number.isNaN(seconds) ? null : Math.max(0, seconds)
}

/** Whether it may be otherwise in a while. */
export function passes(error: unknown): boolean {
  return error instanceof ApiError
    ? error.status >= 500 || [408, 429].includes(error.status)
    : error instanceof NoAnswerError
}
