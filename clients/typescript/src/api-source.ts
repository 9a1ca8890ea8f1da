import type { Attempt } from './attempt.ts'
import { type Connection, pathOf } from './connection.ts'
import { type ApiError, NotAuthenticatedError, passes } from './errors.ts'
import { backOff, heed } from './pauses.ts'
import { isOffline } from './presence.ts'
import type { Source, Tell } from './wait.ts'
import { type Ask, longPoll, poll, stream, type Way } from './ways.ts'

/** In milliseconds. Between looks, where nothing better works. */
const POLL = 3000
/** A request that was open for so long has worked, however it ended. */
const LASTING = 5000
/** A device that says it is offline is not believed for longer. */
const OFFLINE = 60_000

/** In a row: the token that replaces a refused one may be on its way. */
const MAX_REFUSALS = 3
/** In a row: somebody cuts what is silent, so that long polls never answer. */
const MAX_CUTS = 2

/** A job as the API tells of it, in the best way that leads there. */
export class ApiSource implements Source {
  readonly #connection: Connection
  readonly #id: string
  #way: Way
  #seen = ''
  #failures = 0
  #cuts = 0
  #refusals = 0
  #token: string | null | undefined
  #refused: string | undefined

  constructor(connection: Connection, id: string) {
    this.#connection = connection
    this.#id = id
    this.#way = connection.canStream ? stream : longPoll
  }

  async look(attempt: Attempt, tell: Tell, seen: string): Promise<number> {
    this.#seen = seen
    const connection = this.#connection
    const token = await heed(connection.getToken(this.#refused), attempt.signal)
    this.#token = token
    const ask: Ask = async (rest, call) => {
      const path = pathOf`/jobs/${this.#id}` + rest
      const response = await connection.open(path, call, token, attempt.signal)
      this.#refused = undefined
      this.#refusals = 0
      return response
    }
    const leadsOn = await this.#way(ask, attempt, tell, seen)
    this.#cuts = 0
    if (!leadsOn) {
      this.#way = longPoll
    } else if (this.#way === poll) {
      return POLL
    } else if (this.#way === stream && !hasWorked(attempt)) {
      return backOff(++this.#failures)
    }
    this.#failures = 0
    return 0
  }

  recover(error: unknown, attempt: Attempt): number {
    if (error instanceof NotAuthenticatedError && ++this.#refusals < MAX_REFUSALS) {
      this.#refused = this.#token ?? undefined
    } else {
      const isBypassed = this.#descend(error, attempt)
      if (!(isBypassed || passes(error))) {
        throw error
      }
    }
    if (hasWorked(attempt)) {
      this.#failures = 0
    }
    return isOffline() ? OFFLINE : backOff(++this.#failures, error)
  }

  /** Takes a simpler way where this one does not get through. */
  #descend(error: unknown, attempt: Attempt): boolean {
    const code = (error as ApiError | undefined)?.code
    if (code === 'too_many_waiting') {
      this.#way = poll
      return true
    }
    const isForeign = code === 'unexpected_answer' && !passes(error)
    if (this.#way === stream) {
      const isHeldBack = attempt.isSilent && !(attempt.hasNews || this.#seen)
      if (isHeldBack || isForeign) {
        this.#way = longPoll
        return true
      }
    } else if (this.#way === longPoll && attempt.age() > LASTING && ++this.#cuts >= MAX_CUTS) {
      this.#way = poll
    }
    // From where the API has told of the job before, somebody else answers for a moment.
    return isForeign && this.#seen !== ''
  }
}

function hasWorked(attempt: Attempt): boolean {
  return attempt.hasNews || attempt.age() > LASTING
}
