import { useCallback, useEffect, useState } from 'react'

/** What is asked for as a view opens, and anew when its tab is looked at again. */
export interface Remote<Value> {
  /** The last answer, which stays while there is no later one. */
  value: Value | undefined
  /** What came in place of a later one. */
  error: unknown
  /** Asks again. */
  reload: () => void
}

interface State<Value> {
  key: string
  value?: Value
  error?: unknown
}

interface Options<Value> {
  /** While it says so of the value, that is asked for every few seconds, if somebody can see it. */
  isMoving?: (value: Value) => boolean
  /** When this is another one, it is asked for anew. The last answer stays meanwhile. */
  version?: string | undefined
}

const SECONDS = 5

/** With another key it is another thing. */
export function useRemote<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  key: string,
  { isMoving = () => false, version }: Options<Value> = {},
): Remote<Value> {
  const [state, setState] = useState<State<Value>>({ key })
  const [turn, setTurn] = useState(0)
  const reload = useCallback(() => setTurn((now) => now + 1), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when to ask anew
  useEffect(() => {
    const stopping = new AbortController()
    ask(stopping.signal).then(
      (value) => stopping.signal.aborted || setState({ key, value }),
      (error: unknown) =>
        stopping.signal.aborted ||
        setState((last) => (last.key === key ? { ...last, error } : { key, error })),
    )
    return () => stopping.abort()
  }, [key, version, turn])

  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer has a pause of its own
  useEffect(() => {
    const askAgain = () => document.hidden || reload()
    const moves = state.value !== undefined && isMoving(state.value)
    const timer = moves ? setTimeout(askAgain, SECONDS * 1000) : undefined
    document.addEventListener('visibilitychange', askAgain)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', askAgain)
    }
  }, [state])
  const isOfKey = state.key === key
  return {
    value: isOfKey ? state.value : undefined,
    error: isOfKey ? state.error : undefined,
    reload,
  }
}
