import { useCallback, useEffect, useState } from 'react'
import { useConnection } from './connection.ts'
import { read } from './server.ts'

export interface Polled<Answer> {
  /** The last answer, which stays while there is no later one. */
  value: Answer | undefined
  /** What came in place of a later one. */
  error: unknown
  /** When the value came. */
  at: number | undefined
  /** Whether the value is of this path, and not of one before it. */
  isCurrent: boolean
  /** Asks at once. */
  reload: () => void
}

interface State<Answer> {
  path?: string
  value?: Answer
  error?: unknown
  at?: number
}

/** Seconds from an answer until it is asked for anew; 0: never. */
type Pace<Answer> = number | ((value: Answer) => number)

const SECONDS_AFTER_ERROR = 5

/** Asks again and again, but not while nobody can see it. */
export function usePolled<Answer>(path: string, pace: Pace<Answer>): Polled<Answer> {
  const [state, setState] = useState<State<Answer>>({})
  const [turn, setTurn] = useState(0)
  const { isSignedOut } = useConnection()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn is what asks at once
  useEffect(() => {
    if (isSignedOut) {
      return undefined
    }
    return poll<Answer>(
      path,
      pace,
      (value) => setState({ path, value, at: Date.now() }),
      (error) => setState((last) => (last.path === path ? { ...last, error } : { path, error })),
    )
  }, [path, pace, turn, isSignedOut])
  const reload = useCallback(() => setTurn((last) => last + 1), [])
  const { value, error, at } = state
  return { value, error, at, isCurrent: state.path === path, reload }
}

function poll<Answer>(
  path: string,
  pace: Pace<Answer>,
  take: (value: Answer) => void,
  fail: (error: unknown) => void,
): () => void {
  const stopping = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsking = false
  let isDue = true

  async function ask() {
    if (isAsking || !isDue || document.hidden) {
      return
    }
    isAsking = true
    isDue = false
    let seconds = SECONDS_AFTER_ERROR
    try {
      const value = await read<Answer>(path, stopping.signal)
      stopping.signal.aborted || take(value)
      seconds = typeof pace === 'number' ? pace : pace(value)
    } catch (error) {
      stopping.signal.aborted || fail(error)
    }
    isAsking = false
    if (seconds && !stopping.signal.aborted) {
      timer = setTimeout(() => {
        isDue = true
        ask()
      }, seconds * 1000)
    }
  }

  document.addEventListener('visibilitychange', ask, { signal: stopping.signal })
  ask()
  return () => {
    stopping.abort()
    clearTimeout(timer)
  }
}
