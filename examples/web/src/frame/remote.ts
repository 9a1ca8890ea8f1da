import { useCallback, useEffect, useState } from 'react'

/** What is asked for once, while a view is there. */
export interface Remote<Value> {
  value: Value | undefined
  error: unknown
  /** Asks again; what is there meanwhile stays. */
  reload: () => void
}

export function useRemote<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  key: string,
): Remote<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: unknown }>({ key })
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when to ask anew
  useEffect(() => {
    const stopping = new AbortController()
    ask(stopping.signal).then(
      (value) => stopping.signal.aborted || setState({ key, value }),
      (error: unknown) => stopping.signal.aborted || setState({ key, error }),
    )
    return () => stopping.abort()
  }, [key, turn])
  const reload = useCallback(() => setTurn((now) => now + 1), [])
  return state.key === key
    ? { value: state.value, error: state.error, reload }
    : { value: undefined, error: undefined, reload }
}
