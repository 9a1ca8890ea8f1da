import { Attempt } from './attempt.ts'
import type { Connection } from './connection.ts'
import { ApiError, NoAnswerError, NotAuthenticatedError } from './errors.ts'
import { canStream, longPoll, poll, stream, type Tell, type Way } from './following.ts'
import type { Job } from './job.ts'
import { backOff, heed, pause } from './pauses.ts'
import { isOffline, onReturn } from './presence.ts'

/** All in milliseconds. From the beginning of one request to that of the next, at least. */
const PACE = 1000
/** Between looks, where nothing better works. */
const POLL = 3000
/** A request that was open for so long has worked, however it ended. */
const LASTING = 5000
/** A device that says it is offline is not believed for longer. */
const OFFLINE = 60_000

/** In a row: the token that replaces a refused one may be on its way. */
const MAX_REFUSALS = 3
/** In a row: somebody cuts what is silent, so that long polls never answer. */
const MAX_CUTS = 2

/** One wait for the end of a job: what it knows from request to request. */
export class Wait {
  readonly #connection: Connection
  readonly #id: string
  readonly #onUpdate: (job: Job) => void
  readonly #ending: AbortController
  #way: Way
  #attempt: Attempt
  #seen = ''
  #ended: Job | undefined
  #failures = 0
  #cuts = 0
  #refusals = 0
  #refused: string | undefined

  /** It is over when `ending` aborts, too. */
  constructor(
    connection: Connection,
    id: string,
    onUpdate: (job: Job) => void,
    ending: AbortController,
  ) {
    this.#connection = connection
    this.#id = id
    this.#onUpdate = onUpdate
    this.#ending = ending
    this.#way = canStream(connection) ? stream : longPoll
    this.#attempt = new Attempt(ending.signal)
  }

  /** The last state of the job. */
  async untilEnd(): Promise<Job> {
    const forget = onReturn(() => this.#attempt.cut())
    try {
      let began = Date.now()
      let delay = await this.#look()
      while (!this.#ended) {
        await this.#rest(delay)
        await pause(began + PACE - Date.now(), this.#ending.signal)
        began = Date.now()
        delay = await this.#look()
      }
      return this.#ended
    } finally {
      forget()
      this.#attempt.end()
    }
  }

  /** One request; for how long to stay away then. */
  async #look(): Promise<number> {
    const before = this.#seen
    const attempt = this.#begin()
    let token: string | null | undefined
    try {
      token = await heed(this.#connection.getToken(this.#refused), attempt.signal)
      const question = { connection: this.#connection, id: this.#id, token, seen: before }
      const leadsOn = await this.#way(question, attempt, this.#tell)
      this.#refused = undefined
      this.#refusals = 0
      this.#cuts = 0
      return this.#goOn(leadsOn, attempt.age() > LASTING || this.#seen !== before)
    } catch (error) {
      this.#ending.signal.throwIfAborted()
      return this.#recover(error, attempt, token)
    } finally {
      attempt.end()
    }
  }

  #goOn(leadsOn: boolean, hasWorked: boolean): number {
    if (!leadsOn) {
      this.#way = longPoll
    } else if (this.#way === poll) {
      return POLL
    } else if (this.#way === stream && !hasWorked) {
      return backOff(++this.#failures)
    }
    this.#failures = 0
    return 0
  }

  /** For how long to stay away after what went wrong, if that passes. */
  #recover(error: unknown, attempt: Attempt, token: string | null | undefined): number {
    if (error instanceof NotAuthenticatedError && ++this.#refusals < MAX_REFUSALS) {
      this.#refused = token ?? undefined
    } else {
      const isBypassed = this.#descend(error, attempt)
      if (!(isBypassed || passes(error))) {
        throw error
      }
    }
    if (attempt.age() > LASTING) {
      this.#failures = 0
    }
    return isOffline() ? OFFLINE : backOff(++this.#failures, error)
  }

  /** Takes a simpler way where this one does not get through. */
  #descend(error: unknown, attempt: Attempt): boolean {
    if (error instanceof ApiError && error.code === 'too_many_waiting') {
      this.#way = poll
      return true
    }
    if (this.#way === stream) {
      const isHeldBack = attempt.isSilent && this.#seen === ''
      const isForeign = error instanceof ApiError && error.code === 'unexpected_answer'
      if (isHeldBack || (isForeign && !passes(error))) {
        this.#way = longPoll
        return true
      }
    } else if (this.#way === longPoll && attempt.age() > LASTING && ++this.#cuts >= MAX_CUTS) {
      this.#way = poll
    }
    return false
  }

  async #rest(delay: number): Promise<void> {
    const { signal } = this.#begin()
    try {
      await pause(delay, signal)
    } catch {
      // Woken, unless all is over.
      this.#ending.signal.throwIfAborted()
    }
  }

  #begin(): Attempt {
    this.#attempt.end()
    this.#attempt = new Attempt(this.#ending.signal)
    return this.#attempt
  }

  readonly #tell: Tell = (job, version) => {
    if (version !== this.#seen) {
      this.#seen = version
      this.#failures = 0
      try {
        this.#onUpdate(job)
      } catch (error) {
        // The caller's own, which no further request mends.
        this.#ending.abort(error)
        throw error
      }
    }
    this.#ended = job.completed_at ? job : undefined
    return job.completed_at !== null
  }
}

/** Whether there may be an answer later. */
function passes(error: unknown): boolean {
  return error instanceof ApiError
    ? error.status >= 500 || error.status === 429 || error.status === 408
    : error instanceof NoAnswerError
}
