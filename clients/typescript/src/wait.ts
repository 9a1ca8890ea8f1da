import { Attempt } from './attempt.ts'
import { NoAnswerError } from './errors.ts'
import type { Job } from './job.ts'
import { pause } from './pauses.ts'
import { onReturn } from './presence.ts'

/** Milliseconds from the beginning of one request to that of the next, at least. */
const PACE = 1000

/** Each state comes with its version: the same one is no news. The answer: whether it was the last. */
export type Tell = (job: Job, version: string) => boolean

/** What is told of each state, if somebody is. */
export type OnUpdate = ((job: Job) => void) | null | undefined

/** Where one hears of a job. */
export interface Source {
  /** Asks once, and tells what there is to tell; for how many milliseconds to stay away then. */
  look(attempt: Attempt, tell: Tell, seen: string): Promise<number>
  /** The same after an error; throws it, if it does not pass. */
  recover(error: unknown, attempt: Attempt): number
  /** Leaves nothing behind. */
  end?(): void
}

/** One wait for the end of a job. */
export class Wait {
  readonly #source: Source
  readonly #onUpdate: OnUpdate
  readonly #ending: AbortController
  #attempt: Attempt
  #isResting: boolean | undefined
  #seen = ''
  #ended: Job | undefined

  /** It is over when `ending` aborts, too. */
  constructor(source: Source, onUpdate: OnUpdate, ending: AbortController) {
    this.#source = source
    this.#onUpdate = onUpdate
    this.#ending = ending
    this.#attempt = new Attempt(ending.signal)
  }

  /** The last state of the job. */
  async untilEnd(): Promise<Job> {
    onReturn(() => this.#attempt.cut(), this.#ending.signal)
    try {
      while (true) {
        const began = Date.now()
        const delay = await this.#look()
        if (this.#ended) {
          return this.#ended
        }
        await this.#rest(delay)
        await pause(Math.min(PACE, began + PACE - Date.now()), this.#ending.signal)
      }
    } finally {
      this.#attempt.end()
      this.#source.end?.()
    }
  }

  /** Ends the pause before the next request, if it is one. */
  wake(): void {
    if (this.#isResting) {
      this.#attempt.cut()
    }
  }

  async #look(): Promise<number> {
    const attempt = this.#begin()
    try {
      return await this.#source.look(attempt, this.#tell, this.#seen)
    } catch (error) {
      this.#ending.signal.throwIfAborted()
      return this.#source.recover(error, attempt)
    } finally {
      attempt.end()
    }
  }

  async #rest(delay: number): Promise<void> {
    const { signal } = this.#begin()
    this.#isResting = true
    // Woken, unless all is over.
    await pause(delay, signal).catch(() => this.#ending.signal.throwIfAborted())
    this.#isResting = false
  }

  #begin(): Attempt {
    this.#attempt.end()
    this.#attempt = new Attempt(this.#ending.signal)
    return this.#attempt
  }

  readonly #tell: Tell = (job, version) => {
    const { completed_at: endedAt } = job
    if (endedAt === undefined) {
      throw new NoAnswerError()
    }
    if (version !== this.#seen) {
      this.#seen = version
      this.#attempt.hasNews = true
      try {
        this.#onUpdate?.(job)
      } catch (error) {
        // The caller's own, which no further request mends.
        this.#ending.abort(error)
        throw error
      }
    }
    this.#ended = endedAt ? job : undefined
    return endedAt !== null
  }
}
