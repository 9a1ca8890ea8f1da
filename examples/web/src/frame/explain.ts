import {
  ApiError,
  InvalidRequestError,
  NoAnswerError,
  TooManyRequestsError,
} from '@supajobs/client'
import { capitalise, minutes } from './words.ts'

/** What went wrong, for people. */
export function explain(error: unknown): string {
  if (error instanceof NoAnswerError || isUnreached(error)) {
    return 'The server does not answer. Are you online?'
  }
  if (error instanceof TooManyRequestsError && error.retryAfter) {
    return `${error.message} Try again in ${minutes(error.retryAfter)}.`
  }
  if (error instanceof ApiError && error.errors.length > 0) {
    return error.errors.map(({ message }) => saySentence(message)).join(' ')
  }
  return error instanceof Error ? error.message : String(error)
}

/** What is wrong with which field, by its last name: athlete_profile.ftp is `ftp`. */
export function listProblems(error: unknown): Record<string, string> {
  const found = error instanceof InvalidRequestError ? error.errors : []
  return Object.fromEntries(
    found.map(({ field, message }) => [field?.split('.').at(-1) ?? '', saySentence(message)]),
  )
}

/** Of some it is only a part. */
function saySentence(message: string): string {
  const words = capitalise(message)
  return /[.!?]$/u.test(words) ? words : `${words}.`
}

/** So auth-js says that nobody answered: its message is the browser's, or none. */
const isUnreached = (error: unknown): boolean =>
  error instanceof Error && error.name === 'AuthRetryableFetchError'
