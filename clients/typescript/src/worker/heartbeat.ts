import type { SupabaseClient } from '@supabase/supabase-js'
import { pause } from '../pauses.ts'
import { isVerdict, rpc } from '../rpc.ts'
import { Bell } from './bell.ts'
import { type Log, writeTrouble } from './log.ts'
import type { Run } from './run.ts'

/** Milliseconds; progress reaches the user at most this often. */
const PROGRESS_GAP = 500
/** The next one is near. */
const PATIENCE = 5000

interface Pulse {
  job_id: string
  outcome: 'held' | 'lost' | 'cancelled'
  cancel_requested: boolean
}

/**
 * One call for all running jobs, every third of a lease and soon after progress: leases and progress
 * go up, cancellations come down.
 */
export class Heartbeat {
  readonly #supabase: SupabaseClient
  readonly #runs: () => Run[]
  readonly #log: Log
  readonly #bell: Bell = new Bell()
  #leasedAt = 0
  #over = new AbortController()

  constructor(supabase: SupabaseClient, runs: () => Run[], log: Log) {
    this.#supabase = supabase
    this.#runs = runs
    this.#log = log
  }

  /** Says that there is progress to send, or a new run whose lease began then. */
  notice(leasedAt: number = this.#leasedAt): void {
    this.#leasedAt = Math.min(this.#leasedAt, leasedAt)
    this.#bell.ring()
  }

  stop(): void {
    this.#over.abort()
    this.#bell.ring()
  }

  /** Beats until it is stopped. */
  async beatOn(): Promise<void> {
    this.#over = new AbortController()
    const { signal } = this.#over
    this.#leasedAt = performance.now()
    while (!signal.aborted) {
      await this.#bell.wait(this.#leasedAt + this.#interval() - performance.now())
      const isDue = performance.now() >= this.#leasedAt + this.#interval()
      if (!signal.aborted && (isDue || this.#runs().some((run) => run.hasNews))) {
        this.#leasedAt = performance.now()
        await this.#beat()
        const gap = pause(Math.min(PROGRESS_GAP, this.#interval()), signal)
        await gap.catch(() => undefined)
      }
    }
  }

  /** Milliseconds between two beats. */
  #interval(): number {
    const leases = this.#runs().map((run) => run.job.lease_seconds)
    return (1000 * Math.min(...leases)) / 3
  }

  async #beat(): Promise<void> {
    const runs = new Map(this.#runs().map((run) => [run.job.id, run]))
    if (runs.size === 0) {
      return
    }
    const beats = [...runs.values()].map((run) => run.makeBeat())
    try {
      const options = { patience: PATIENCE }
      const sent = { p_jobs: beats }
      const pulses = await rpc<Pulse[]>(this.#supabase, 'heartbeat_plan_jobs', sent, options)
      for (const { job_id: id, outcome, cancel_requested: isCancelled } of pulses) {
        runs.get(id)?.obey(outcome, isCancelled)
      }
    } catch (error) {
      this.#log(writeTrouble('heartbeat_failed', error))
      for (const { job_id: id, progress } of isVerdict(error) ? [] : beats) {
        runs.get(id)?.tellAgain(progress)
      }
    }
  }
}
