/**
 * The loop that claims jobs, runs their handlers and settles them.
 *
 *     claim ─▶ each job by itself, at most `concurrency` at a time
 *              · one heartbeat for all of them, every third of the shortest lease
 *              · a deadline per job; cancellation by the heartbeat's answer
 *              · ending ─▶ settle, together with others that have just ended; repeated with the
 *                same claim id until answered, while the job is ours
 *
 * The rules are in SQL, as for Python's workers. Processes share nothing but the database.
 */

import type { SupabaseClient } from '@supabase/supabase-js'
import { backOff } from '../pauses.ts'
import { Bell } from './bell.ts'
import { Claims } from './claims.ts'
import { Heartbeat } from './heartbeat.ts'
import { type Log, writeTrouble } from './log.ts'
import { tellOfMissingRows } from './missing-rows.ts'
import { ProcessorNotes } from './processor-notes.ts'
import { type AnyHandler, Run } from './run.ts'
import { type SettleOutcome, Settler } from './settler.ts'

/** Milliseconds that a worker which ends has for settles: the work behind them is paid for. */
const LAST_PATIENCE = 60_000

/** Jobs, by what became of them. */
export type Counts = Partial<Record<SettleOutcome, number>>

/** Times in milliseconds. */
interface Shift {
  signal: AbortSignal | undefined
  grace: number
  poll: number
  timeLimit?: number
  /** Whether it is over when there is nothing left to do. */
  isDrain?: boolean
}

export class Processor {
  readonly #supabase: SupabaseClient
  readonly #handlers: ReadonlyMap<string, AnyHandler>
  readonly #concurrency: number
  readonly #log: Log
  readonly #claims: Claims
  readonly #heartbeat: Heartbeat
  readonly #settler: Settler
  readonly #notes: ProcessorNotes
  readonly #runs = new Map<Run, Promise<void>>()
  readonly #changed = new Bell()
  #leftBehind = 0
  #settleUntil = 0
  #counts: Counts = {}
  #shift: Promise<Counts> | undefined
  #telling: Promise<void> | undefined

  constructor(
    supabase: SupabaseClient,
    handlers: ReadonlyMap<string, AnyHandler>,
    concurrency: number,
    log: Log,
  ) {
    const workerId = `typescript:${crypto.randomUUID().slice(0, 8)}`
    const jobTypes = [...handlers.keys()]
    this.#supabase = supabase
    this.#handlers = handlers
    this.#concurrency = concurrency
    this.#log = log
    this.#claims = new Claims(supabase, workerId, jobTypes)
    this.#heartbeat = new Heartbeat(supabase, () => [...this.#runs.keys()], log)
    this.#settler = new Settler(supabase, log)
    this.#notes = new ProcessorNotes(
      supabase,
      { p_worker_id: workerId, p_concurrency: concurrency, p_job_types: jobTypes },
      log,
    )
  }

  /** Works until the shift is over. One is on at a time: who comes then has it look for more. */
  work(shift: Shift): Promise<Counts> {
    this.#changed.ring()
    this.#shift ??= this.#work(shift).finally(() => {
      this.#shift = undefined
    })
    return this.#shift
  }

  async #work(shift: Shift): Promise<Counts> {
    const endsAt = performance.now() + (shift.timeLimit ?? Number.POSITIVE_INFINITY)
    const wake = () => this.#changed.ring()
    this.#counts = {}
    this.#settleUntil = Number.POSITIVE_INFINITY
    shift.signal?.addEventListener('abort', wake)
    this.#notes.begin(() => this.#runs.size)
    const beating = this.#heartbeat.beatOn()
    this.#telling ??= tellOfMissingRows(this.#supabase, [...this.#handlers.keys()], this.#log)
    try {
      await this.#claimOn(shift, endsAt)
    } finally {
      await this.#windDown(shift, endsAt)
      shift.signal?.removeEventListener('abort', wake)
      this.#heartbeat.stop()
      await Promise.all([beating, this.#telling, this.#notes.end()])
    }
    return this.#counts
  }

  async #claimOn({ signal, poll, isDrain }: Shift, endsAt: number): Promise<void> {
    let failures = 0
    while (!signal?.aborted && performance.now() < endsAt) {
      // So that workers that started together drift apart.
      let wait = poll * (0.5 + Math.random() / 2)
      try {
        await this.#claim()
        failures = 0
      } catch (error) {
        if (isDrain && this.#runs.size === 0) {
          throw error
        }
        this.#log(writeTrouble('claim_failed', error))
        wait = backOff(failures++, error)
      }
      if (isDrain && this.#runs.size === 0) {
        return
      }
      await this.#changed.wait(Math.min(wait, endsAt - performance.now()))
    }
  }

  async #claim(): Promise<void> {
    const places = this.#concurrency - this.#runs.size - this.#leftBehind
    if (places < 1) {
      return
    }
    const askedAt = performance.now()
    for (const job of await this.#claims.take(places)) {
      const run = new Run(job, this.#supabase, () => this.#heartbeat.notice(), this.#log)
      this.#runs.set(run, this.#live(run))
      this.#heartbeat.notice(askedAt)
    }
  }

  /** A job's life in this process: handle, then settle. */
  async #live(run: Run): Promise<void> {
    const mayGoOn = () => !run.isLost && performance.now() < this.#settleUntil
    try {
      const handler = this.#handlers.get(run.job.job_type)
      const ending = handler && (await run.handle(handler))
      this.#keepPlace(run)
      if (ending && !(run.isLost && ending.kind === 'release')) {
        const outcome = await this.#settler.settle(run.job, ending, mayGoOn)
        if (outcome) {
          this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1
        }
      }
    } catch (error) {
      // The lease will run out.
      this.#log(writeTrouble('run_crashed', error, run.job))
    } finally {
      this.#runs.delete(run)
      this.#changed.ring()
    }
  }

  /** For a handler that goes on after its end. */
  #keepPlace({ leftBehind, job }: Run): void {
    if (leftBehind) {
      this.#log(writeTrouble('handler_heeds_no_signal', undefined, job))
      this.#leftBehind++
      leftBehind.finally(() => {
        this.#leftBehind--
        this.#changed.ring()
      })
    }
  }

  /** Gives running jobs the grace period, unless their time is over; then gives them back. */
  async #windDown({ grace }: Shift, endsAt: number): Promise<void> {
    const graceUntil = Math.min(performance.now() + grace, endsAt)
    while (this.#runs.size > 0 && performance.now() < graceUntil) {
      await this.#changed.wait(graceUntil - performance.now())
    }
    this.#settleUntil = performance.now() + LAST_PATIENCE
    for (const run of this.#runs.keys()) {
      run.stop('worker_stopping')
    }
    await Promise.all(this.#runs.values())
  }
}
