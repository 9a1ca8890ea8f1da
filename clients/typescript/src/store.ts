/** What is known of something, and what went wrong while one asked. */
export interface State<Value> {
  readonly value: Value | undefined
  readonly error: unknown
}

/** Tells each value as it comes, until it is over or the signal aborts. */
export type Start<Value> = (tell: (value: Value) => void, signal: AbortSignal) => Promise<unknown>

interface Watch {
  state: State<unknown>
  readonly listeners: Set<() => void>
  readonly stopping: AbortController
}

export const NOTHING: State<never> = { value: undefined, error: undefined }

/** Each thing is asked for once, however many listen, for as long as somebody does. */
export class Store {
  readonly #watches = new Map<string, Watch>()

  get<Value>(key: string): State<Value> {
    return (this.#watches.get(key)?.state as State<Value> | undefined) ?? NOTHING
  }

  /** The first listener starts it. The answer stops listening. */
  listen<Value>(key: string, start: Start<Value>, listener: () => void): () => void {
    const watch = this.#watches.get(key) ?? this.#open(key, start)
    watch.listeners.add(listener)
    return () => {
      watch.listeners.delete(listener)
      // React may leave and come back at once: then nothing has happened.
      queueMicrotask(() => this.#close(key, watch))
    }
  }

  /** Says what came in another way, to those who listen. */
  tell(key: string, value: unknown): void {
    const watch = this.#watches.get(key)
    if (watch) {
      change(watch, { value, error: undefined })
    }
  }

  #open<Value>(key: string, start: Start<Value>): Watch {
    const stopping = new AbortController()
    const watch: Watch = { state: NOTHING, listeners: new Set(), stopping }
    this.#watches.set(key, watch)
    const { signal } = stopping
    const tell = (value: Value) => change(watch, { value, error: undefined })
    start(tell, signal).catch((error: unknown) => {
      if (!signal.aborted) {
        change(watch, { ...watch.state, error })
      }
    })
    return watch
  }

  #close(key: string, watch: Watch): void {
    if (watch.listeners.size === 0 && this.#watches.get(key) === watch) {
      this.#watches.delete(key)
      watch.stopping.abort()
    }
  }
}

function change(watch: Watch, state: State<unknown>): void {
  watch.state = state
  for (const listener of watch.listeners) {
    listener()
  }
}
