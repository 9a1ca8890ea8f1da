import type { SupabaseClient } from '@supabase/supabase-js'
import { NoAnswerError } from '../errors.ts'
import { backOff, pause } from '../pauses.ts'
import { isVerdict, mayBeAboutOne, rpc } from '../rpc.ts'
import type { ClaimedJob } from './claims.ts'
import { type Log, writeTrouble } from './log.ts'
import { type Failure, OUTCOME_REFUSED } from './verdicts.ts'

/** Milliseconds between two tries, at most. */
const MAX_PAUSE = 5000
/** After the first try for a locked job, and then twice as long each time. */
const BUSY_PAUSE = 50
/** Up to this pause locks are waited for anyhow: most are of a heartbeat. */
const BRIEF = 1000
/** Jobs in one call, as a guard: large results do not end by the hundred. */
const MAX_BATCH = 250

/** How an attempt has ended: by the name of the function that is told, and what it is told. */
export type Ending =
  | { kind: 'complete'; told: { result: unknown } }
  | { kind: 'fail'; told: Failure }
  | { kind: 'release'; told: object }
  | { kind: 'suspend'; told: { kind: 'sleep' | 'signal'; name: string; seconds: number } }

export type SettleOutcome =
  | 'completed'
  | 'retrying'
  | 'failed'
  | 'released'
  | 'suspended'
  | 'cancelled'
  | 'stale'

interface Settled {
  job_id: string
  claim_id: string
  outcome: SettleOutcome | 'busy'
}

/** Hands in how jobs have ended, those with the same kind of ending together. */
export class Settler {
  readonly #log: Log
  readonly #batches: Readonly<Record<Ending['kind'], Batches>>

  constructor(supabase: SupabaseClient, log: Log) {
    this.#log = log
    this.#batches = {
      complete: new Batches(supabase, 'complete_plan_jobs'),
      fail: new Batches(supabase, 'fail_plan_jobs'),
      release: new Batches(supabase, 'release_plan_jobs'),
      suspend: new Batches(supabase, 'suspend_plan_jobs'),
    }
  }

  /**
   * Hands one in, again and again while it may; undefined: there was no answer. Of an ending that
   * cannot be stored, less is said.
   */
  async settle(
    job: ClaimedJob,
    ending: Ending,
    mayGoOn: () => boolean,
  ): Promise<SettleOutcome | undefined> {
    let ended: Ending | undefined = ending
    let failures = 0
    let busyPause = BUSY_PAUSE
    while (ended) {
      // Asked before: what is no longer ours may have been settled by a call whose answer was lost.
      let goesOn = mayGoOn()
      let wait = busyPause
      try {
        const { outcome } = await this.#batches[ended.kind].add(job, ended.told)
        if (outcome !== 'busy') {
          return outcome
        }
        goesOn ||= busyPause < BRIEF
        busyPause = Math.min(2 * busyPause, MAX_PAUSE)
      } catch (error) {
        this.#log(writeTrouble('settle_failed', error, job))
        const isRefused = isVerdict(error)
        ended = isRefused ? tellLess(ended) : ended
        goesOn ||= isRefused
        wait = isRefused ? 0 : Math.min(backOff(failures++, error), MAX_PAUSE)
      }
      if (!goesOn) {
        break
      }
      await pause(wait, undefined)
    }
    // The lease will run out, and the job runs again.
    return undefined
  }
}

/** What is left to say where an ending cannot be stored. */
function tellLess({ kind, told }: Ending): Ending | undefined {
  const isLeast = kind === 'release' || kind === 'suspend' || told === OUTCOME_REFUSED
  return isLeast ? undefined : { kind: 'fail', told: OUTCOME_REFUSED }
}

interface Waiting {
  told: { job_id: string; claim_id: string }
  resolve(settled: Settled): void
  reject(error: unknown): void
}

/** One call at a time. What ends while it is under way goes into the next one. */
class Batches {
  readonly #supabase: SupabaseClient
  readonly #name: string
  readonly #waiting: Waiting[] = []
  #isSending = false

  constructor(supabase: SupabaseClient, name: string) {
    this.#supabase = supabase
    this.#name = name
  }

  add(job: ClaimedJob, told: object): Promise<Settled> {
    return new Promise((resolve, reject) => {
      const entry = { ...told, job_id: job.id, claim_id: job.claim_id }
      this.#waiting.push({ told: entry, resolve, reject })
      if (!this.#isSending) {
        this.#sendAll()
      }
    })
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    while (this.#waiting.length > 0) {
      await this.#send(this.#waiting.splice(0, MAX_BATCH))
    }
    this.#isSending = false
  }

  /** What is said of several may be about one of them, so then the halves are sent apart. */
  async #send(batch: Waiting[]): Promise<void> {
    try {
      const sent = { p_jobs: batch.map(({ told }) => told) }
      const answers = await rpc<Settled[]>(this.#supabase, this.#name, sent)
      for (const { told, resolve, reject } of batch) {
        const isIts = (each: Settled) =>
          each.job_id === told.job_id && each.claim_id === told.claim_id
        const settled = answers.find(isIts)
        if (settled) {
          resolve(settled)
        } else {
          reject(new NoAnswerError())
        }
      }
    } catch (error) {
      const middle = Math.ceil(batch.length / 2)
      if (batch.length > 1 && mayBeAboutOne(error)) {
        await this.#send(batch.slice(0, middle))
        await this.#send(batch.slice(middle))
      } else {
        for (const { reject } of batch) {
          reject(error)
        }
      }
    }
  }
}
