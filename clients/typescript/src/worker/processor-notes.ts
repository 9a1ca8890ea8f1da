import type { SupabaseClient } from '@supabase/supabase-js'
import { rpc } from '../rpc.ts'
import { type Log, writeTrouble } from './log.ts'

/** This package's. */
export const VERSION = '0.1.0'

/** Milliseconds; after three of them without a note a processor counts as gone. */
const PACE = 30_000
/** Milliseconds; jobs never wait for a note. */
const PATIENCE = 5000
/** Milliseconds; of a stop, once a note on its way has been answered. */
const LAST_PATIENCE = 1000

interface Note {
  p_worker_id: string
  p_concurrency: number
  p_job_types: readonly string[]
}

/** Says that a processor lives, so that people see who starts jobs. */
export class ProcessorNotes {
  readonly #supabase: SupabaseClient
  readonly #note: Note
  readonly #log: Log
  #timer: ReturnType<typeof setInterval> | undefined
  #noted: Promise<void> | undefined

  constructor(supabase: SupabaseClient, note: Note, log: Log) {
    this.#supabase = supabase
    this.#note = note
    this.#log = log
  }

  /** Notes it at once and every 30 s. */
  begin(count: () => number): void {
    const note = () => {
      this.#noted = this.#call('note_plan_processor', this.#describe(count()), PATIENCE)
    }
    note()
    this.#timer = setInterval(note, PACE)
  }

  /** Takes it off; after a note that is on its way, which would put it there again. */
  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#noted
    const who = { p_worker_id: this.#note.p_worker_id }
    await this.#call('forget_plan_processor', who, LAST_PATIENCE)
  }

  #describe(running: number): object {
    return { ...this.#note, p_version: VERSION, p_running: running }
  }

  async #call(name: string, given: object, patience: number): Promise<void> {
    try {
      await rpc(this.#supabase, name, given, { patience })
    } catch (error) {
      this.#log(writeTrouble('presence_unnoted', error))
    }
  }
}
