import type { PostgrestError } from '@supabase/supabase-js'
import { NoAnswerError } from './errors.ts'
import { heed } from './pauses.ts'

interface Answer {
  data: unknown
  error: PostgrestError | null
  status: number
}

/** What is asked through supabase-js. */
export interface Query extends PromiseLike<Answer> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer>
}

/**
 * The data of the answer. Throws what `refuse` makes of an error, a NoAnswerError if no answer comes,
 * or not within `patience` (milliseconds).
 */
export async function ask<Data>(
  query: Query,
  signal: AbortSignal | undefined,
  refuse: (status: number, error: PostgrestError) => Error,
  patience?: number,
): Promise<Data> {
  const ends = [signal, patience === undefined ? undefined : AbortSignal.timeout(patience)]
  const known = ends.filter((end) => end !== undefined)
  const [first] = known
  // Older browsers have no `any`.
  const heard = known.length > 1 ? AbortSignal.any(known) : first
  const sent = heard ? query.abortSignal(heard) : query
  const { data, error, status } = await heed(sent, signal)
  if (!error) {
    return data as Data
  }
  throw status ? refuse(status, error) : new NoAnswerError({ cause: error })
}
