import { passes } from './errors.ts'
import { onReturn } from './presence.ts'

/** What is known of something, and what went wrong while one asked. */
export interface State<Value> {
  readonly value: Value | undefined
  readonly error: unknown
}

/** Tells each value as it comes, until it is over or the signal aborts. */
export type Start<Value> = (tell: (value: Value) => void, signal: AbortSignal) => Promise<unknown>

interface Watch {
  readonly start: Start<unknown>
  state: State<unknown>
  stopping: AbortController
  readonly listeners: Set<() => void>
}

export const NOTHING: State<never> = { value: undefined, error: undefined }

/** Each thing is asked for once, however many listen, for as long as somebody does. */
export class Store {
  readonly #watches = new Map<string, Watch>()
  #epoch = 0

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

  /** Says what came in another way, to those who listen. What was asked before knows less. */
  tell(key: string, value: unknown): void {
    const watch = this.#watches.get(key)
    if (watch) {
      watch.stopping.abort()
      watch.stopping = new AbortController()
      change(watch, { value, error: undefined })
    }
  }

  /** Says what went wrong, to those who listen. They have what they had. */
  blame(key: string, error: unknown): void {
    const watch = this.#watches.get(key)
    if (watch) {
      change(watch, { ...watch.state, error })
    }
  }

  /** Asks anew for those who listen. Until something is told they have what they had. */
  restart<Value>(key: string, start: Start<Value>): void {
    const watch = this.#watches.get(key)
    if (watch) {
      restart(watch, start)
    }
  }

  /** The same until all is forgotten. */
  readonly readEpoch = (): number => this.#epoch

  readonly listenToEpoch = (listener: () => void): (() => void) =>
    this.listen('epoch', () => Promise.resolve(), listener)

  /** What runs what it is handed, unless all was forgotten meanwhile: whether it did. */
  mark(): (say: () => void) => boolean {
    const epoch = this.#epoch
    return (say) => {
      const counts = epoch === this.#epoch
      if (counts) {
        say()
      }
      return counts
    }
  }

  /** Forgets all that is known, and asks anew for those who listen. */
  readonly forget = (): void => {
    this.#epoch++
    for (const watch of this.#watches.values()) {
      change(watch, NOTHING)
      restart(watch, watch.start)
    }
  }

  #open<Value>(key: string, start: Start<Value>): Watch {
    const watch = {
      start,
      state: NOTHING,
      listeners: new Set<() => void>(),
      stopping: new AbortController(),
    }
    this.#watches.set(key, watch)
    begin(watch, start)
    return watch
  }

  #close(key: string, watch: Watch): void {
    if (watch.listeners.size === 0 && this.#watches.get(key) === watch) {
      this.#watches.delete(key)
      watch.stopping.abort()
    }
  }
}

function restart<Value>(watch: Watch, start: Start<Value>): void {
  watch.stopping.abort()
  watch.stopping = new AbortController()
  begin(watch, start)
}

function begin<Value>(watch: Watch, start: Start<Value>): void {
  const { signal } = watch.stopping
  // What has been stopped has no more to say: a newer start knows better.
  const heard = (state: State<unknown>) => signal.aborted || change(watch, state)
  start((value) => heard({ value, error: undefined }), signal).catch((error: unknown) => {
    heard({ ...watch.state, error })
    if (passes(error)) {
      // Asked for while the device was offline, say.
      onReturn(() => restart(watch, start), signal)
    }
  })
}

function change(watch: Watch, state: State<unknown>): void {
  watch.state = state
  for (const listener of watch.listeners) {
    listener()
  }
}
