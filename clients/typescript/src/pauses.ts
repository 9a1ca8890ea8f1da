import type { ApiError } from './errors.ts'

/** What is coming, unless the signal aborts before: not everything that one waits for heeds it. */
export async function heed<Value>(
  coming: PromiseLike<Value> | Value,
  signal: AbortSignal | undefined,
): Promise<Value> {
  signal?.throwIfAborted()
  const listening = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), {
      signal: listening.signal,
    })
  })
  try {
    return await Promise.race([coming, aborted])
  } finally {
    listening.abort()
  }
}

/** Resolves after so many milliseconds; rejects with the signal's reason when that aborts. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  return heed(over, signal).finally(() => clearTimeout(timer))
}

/** Seconds: what names a longer time has not meant it, or has another clock. */
const MAX_ASKED = 600

/**
 * Milliseconds to stay away after the last of so many failures in a row, and no less than the API
 * wants. What failed together comes back apart.
 */
export function backOff(failures: number, error?: unknown): number {
  const { retryAfter } = (error ?? {}) as Partial<ApiError>
  const asked = Math.min(retryAfter ?? 0, MAX_ASKED)
  const own = Math.min(10_000, 500 * 2 ** failures)
  return Math.max(own, 1000 * asked) + Math.random() * own
}
