import { NoAnswerError } from './errors.ts'

/** One request or pause of a wait: it ends with the wait, for silence, or when it is cut. */
export class Attempt {
  /** Whether nothing was heard for too long. */
  declare isSilent: boolean | undefined
  /** Whether something was told. */
  declare hasNews: boolean | undefined
  readonly #ending = new AbortController()
  readonly signal: AbortSignal = this.#ending.signal
  readonly #began: number = Date.now()
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(wait: AbortSignal) {
    const follow = () => this.#ending.abort(wait.reason)
    wait.addEventListener('abort', follow, { signal: this.signal })
    if (wait.aborted) {
      follow()
    }
  }

  /** Milliseconds since it began. */
  age(): number {
    return Date.now() - this.#began
  }

  /** More is due within so many milliseconds. */
  expect(milliseconds: number): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      this.isSilent = true
      this.cut()
    }, milliseconds)
  }

  /** Ends it as if the network had. */
  cut(): void {
    this.#ending.abort(new NoAnswerError())
  }

  /** Leaves nothing behind: no timer, no listener, no open connection. */
  end(): void {
    clearTimeout(this.#silence)
    this.cut()
  }
}
