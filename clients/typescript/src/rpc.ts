import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js'
import { ApiError, type Problem, refusal, UnavailableError } from './errors.ts'
import { ask } from './queries.ts'

/** Milliseconds. */
const PATIENCE = 20_000

/** Of values that do not fit, or are missing. */
const UNFIT = /^(?:22...|23502|PT422)$/u
/** What is wrong with the data, or with the request as the functions see it. */
const VERDICTS = /^(?:22...|23514|PT4..)$/u
/** Of roles without a right, and of keys that do not verify; a gateway gives no code. */
const OF_KEYS = /^(?:42501|PGRST30[123])$/u

/** Of the road, or of the database: nothing of what was sent. */
const OF_ALL = /^(?:08|25|53|57P|58|PGRST|$)/u

/** The details of a refusal that are codes of their own. */
const CODES = [
  ...['debounce_without_dedupe', 'parent_not_found', 'project_required'],
  ...['provider_key_not_allowed', 'unknown_job_type'],
]

export interface RpcOptions {
  signal?: AbortSignal | undefined
  /** Milliseconds. */
  patience?: number
}

/**
 * Calls one of the queue's SQL functions. Each may be called twice, should its answer be lost.
 *
 * Throws a NoAnswerError or an UnavailableError if there is no answer yet, another ApiError if what
 * was sent can never be taken.
 */
export function rpc<Data>(
  supabase: SupabaseClient,
  name: string,
  given: object,
  { signal, patience = PATIENCE }: RpcOptions = {},
): Promise<Data> {
  return ask<Data>(supabase.rpc(name, given), signal, explain, patience)
}

/** The database's refusal, as the API has it. The database's own words are its `cause`. */
export function explain(status: number, error: PostgrestError): ApiError {
  return Object.assign(translate(status, error), { cause: error })
}

function translate(status: number, error: PostgrestError): ApiError {
  // A gateway answers in JSON of its own.
  const { code = '', details, message = '', hint } = error
  if (UNFIT.test(code)) {
    const problem = CODES.includes(details)
      ? { code: details, detail: message, hint }
      : invalid('', message)
    return refusal(422, problem)
  }
  if (code === '23503') {
    return refusal(401, { code: 'user_gone', detail: 'There is no such user, or not any more.' })
  }
  if (status === 413 || VERDICTS.test(code)) {
    return refusal(500, { code: 'supabase_refused', detail: 'The database refused the call.' })
  }
  const isAboutKey = code ? OF_KEYS.test(code) : message.includes('key')
  const ofKeys = isAboutKey ? "Make the Supabase client with the project's secret key." : null
  const problem: Partial<Problem> = {
    code: 'supabase_unavailable',
    detail: 'The database cannot be reached at the moment. Nothing was lost; try again.',
    hint: code === 'PGRST202' ? "The project lacks some of the queue's migrations." : ofKeys,
  }
  return refusal(503, problem, 5)
}

/** What is wrong with which field of a request. */
function invalid(field: string, message: string): Partial<Problem> {
  return {
    code: 'invalid_request',
    detail: 'The request is not valid; see errors.',
    errors: [{ field, message }],
  }
}

/**
 * Throws an InvalidRequestError for what would not arrive: supabase-js leaves it out, or cannot send
 * it, which looks like an outage.
 */
export function requireSendable(given: object): void {
  for (const [field, value] of Object.entries(given)) {
    let why = 'It is missing.'
    let text: string | undefined
    try {
      text = JSON.stringify(value)
    } catch (error) {
      why = `It is no JSON: ${(error as Error).message}`
    }
    if (text === undefined) {
      throw refusal(422, invalid(field, why))
    }
  }
}

/** Throws an InvalidRequestError for an option that there is not. */
export function requireKnown(given: object, known: object): void {
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(known, field)) {
      throw refusal(422, invalid(field, 'There is no such option.'))
    }
  }
}

/** Whether this says that what was sent can never be taken. All else passes. */
export function isVerdict(error: unknown): boolean {
  return error instanceof ApiError && !(error instanceof UnavailableError)
}

/** Whether another part of what was sent may be answered otherwise. */
export function mayBeAboutOne(error: unknown): boolean {
  const { code } = (error instanceof ApiError ? error.cause : {}) as { code?: string }
  return isVerdict(error) || !OF_ALL.test(code ?? '')
}
