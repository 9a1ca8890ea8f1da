import type { ApiError } from './errors.ts'

/** What is coming, unless the signal aborts before: not everything that one waits for heeds it. */
export async function heed<Value>(
  coming: PromiseLike<Value> | Value,
  signal: AbortSignal | undefined,
): Promise<Value> {
  const listening = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal?.throwIfAborted() // in here: what is coming may fail all the same, and has to be heard
    signal?.addEventListener('abort', () => reject(signal.reason), {
      signal: listening.signal,
    })
  })
  try {
    return await Promise.race([aborted, coming])
  } finally {
    listening.abort()
  }
}

/** Ten minutes: who asks for more has not meant it, or has another clock. */
const LONGEST = 600_000

/** Resolves after so many milliseconds, or the longest; rejects with the signal's reason when that aborts. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, LONGEST))
  })
  return heed(over, signal).finally(() => clearTimeout(timer))
}

/**
 * Milliseconds to stay away after the last of so many failures in a row, and no less than the API
 * wants. What failed together comes back apart.
 */
export function backOff(failures: number, error?: unknown): number {
  const asked = (error as ApiError | undefined)?.retryAfter ?? 0
  const own = Math.min(10_000, 500 * 2 ** failures)
  return Math.max(own, 1000 * asked) + Math.random() * own
}
