import type { SupabaseClient } from '@supabase/supabase-js'
import { rpc } from '../rpc.ts'

/** Milliseconds: who has nothing to lose may ask again later. */
const PATIENCE = 5000
/** Jobs in one claim, as claim_plan_jobs allows. */
const MAX_CLAIM = 1000

/** A job as the worker holds it, until its lease ends. */
export interface ClaimedJob {
  readonly id: string
  readonly user_id: string | null
  readonly job_type: string
  readonly params: unknown
  readonly project_id: string | null
  readonly trace_id: string | null
  readonly claim_id: string
  readonly retry_count: number
  readonly max_retries: number
  readonly crash_count: number
  readonly lease_seconds: number
  readonly max_runtime_seconds: number
  readonly created_at: string
  readonly started_at: string
}

/**
 * The claims of one worker, one at a time.
 *
 * That of a call without an answer is kept: it may have taken jobs, and its id gets them again.
 */
export class Claims {
  readonly #supabase: SupabaseClient
  readonly #workerId: string
  readonly #jobTypes: readonly string[]
  #unanswered: string | undefined

  constructor(supabase: SupabaseClient, workerId: string, jobTypes: readonly string[]) {
    this.#supabase = supabase
    this.#workerId = workerId
    this.#jobTypes = jobTypes
  }

  async take(places: number): Promise<ClaimedJob[]> {
    this.#unanswered ??= crypto.randomUUID()
    const asked = {
      p_claim_id: this.#unanswered,
      p_worker_id: this.#workerId,
      p_max_jobs: Math.min(places, MAX_CLAIM),
      p_job_types: this.#jobTypes,
    }
    const options = { patience: PATIENCE }
    const jobs = await rpc<ClaimedJob[]>(this.#supabase, 'claim_plan_jobs', asked, options)
    this.#unanswered = undefined
    return jobs
  }
}
