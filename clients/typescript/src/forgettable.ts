import { useCallback, useState, useSyncExternalStore } from 'react'
import type { Store } from './store.ts'

/** Changes it, if that still counts; the answer: whether it does. */
type Change<Value> = (next: (before: Value) => Value) => boolean

/**
 * A component's own state, which is `empty` once all is forgotten; and what begins a request: what is
 * to be told of that counts until then.
 */
export function useForgettable<Value>(
  store: Store,
  empty: Value,
): readonly [Value, () => Change<Value>] {
  const epoch = useSyncExternalStore(store.listenToEpoch, store.readEpoch, store.readEpoch)
  const [latest, setLatest] = useState({ epoch, value: empty })
  const begin = useCallback(() => {
    const at = store.readEpoch()
    const unlessForgotten = store.mark()
    return (next: (before: Value) => Value) =>
      unlessForgotten(() =>
        setLatest((before) => ({
          epoch: at,
          value: next(before.epoch === at ? before.value : empty),
        })),
      )
  }, [store, empty])
  return [latest.epoch === epoch ? latest.value : empty, begin]
}
