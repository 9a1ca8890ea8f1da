import { NoAnswerError, UnavailableError } from './errors.ts'
import { backOff, pause } from './pauses.ts'

const MAX_FAILURES = 3
/** Seconds: who is sent away for longer may want to do something else meanwhile. */
const MAX_RETRY_AFTER = 10

/** What `attempt` comes to. It is repeated if the other side is away for a moment. */
export async function repeat<Value>(
  attempt: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (failures === MAX_FAILURES || !passesSoon(error)) {
        throw error
      }
      await pause(backOff(failures, error), signal)
    }
  }
}

function passesSoon(error: unknown): boolean {
  return error instanceof UnavailableError
    ? (error.retryAfter ?? 0) <= MAX_RETRY_AFTER
    : error instanceof NoAnswerError
}
