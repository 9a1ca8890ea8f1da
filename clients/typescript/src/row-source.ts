import type { SupabaseClient } from '@supabase/supabase-js'
import type { Attempt } from './attempt.ts'
import { type Ear, listen } from './broadcasts.ts'
import { passes } from './errors.ts'
import { backOff } from './pauses.ts'
import { readRow } from './rows.ts'
import type { Source, Tell } from './wait.ts'

/** Milliseconds between looks, where nobody tells of changes. */
const POLL = 3000
/** The same where somebody does: what is told is not kept for who was away. */
const TRUST = 30_000
/** Milliseconds that a read may take. */
const PATIENCE = 15_000

/** A job as its row is, looked at whenever a broadcast says that it has changed. */
export class RowSource implements Source {
  readonly #supabase: SupabaseClient
  readonly #id: string
  readonly #wake: () => void
  #ear: Ear | undefined
  #isStale = false
  #failures = 0

  constructor(supabase: SupabaseClient, id: string, wake: () => void) {
    this.#supabase = supabase
    this.#id = id
    this.#wake = wake
  }

  async look(attempt: Attempt, tell: Tell): Promise<number> {
    this.#isStale = false
    attempt.expect(PATIENCE)
    const job = await readRow(this.#supabase, this.#id, attempt.signal)
    this.#failures = 0
    // Each heartbeat of its worker changes the time, and nothing else.
    const version = JSON.stringify({ ...job, updated_at: undefined })
    if (!tell(job, version)) {
      this.#ear ??= listen(this.#supabase, String(job.user_id), this.#id, () => {
        this.#isStale = true
        this.#wake()
      })
    }
    if (this.#isStale) {
      return 0
    }
    return this.#ear?.isJoined ? TRUST : POLL
  }

  recover(error: unknown): number {
    if (!passes(error)) {
      throw error
    }
    return backOff(++this.#failures, error)
  }

  end(): void {
    this.#ear?.end()
  }
}
