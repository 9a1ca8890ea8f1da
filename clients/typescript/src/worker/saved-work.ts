import type { SupabaseClient } from '@supabase/supabase-js'
import type { JobTypes } from '../job-types.ts'
import { type Outcome, requireAllowed } from '../outcomes.ts'
import { backOff, pause } from '../pauses.ts'
import { isVerdict, rpc } from '../rpc.ts'
import { readOptions } from '../server.ts'
import { type Log, writeTrouble } from './log.ts'
import type { Run } from './run.ts'
import type { Duration, JobRequest, Parent } from './running-job.ts'
import { clean, makeStorable } from './storable.ts'
import { WaitTimeoutError } from './verdicts.ts'

const MAX_NAME = 255
/** Milliseconds between two tries of a call that a handler waits for. */
const MAX_PAUSE = 5000

interface Found {
  steps: Record<string, unknown>
  /** Whether they are over. */
  waits: Record<string, boolean>
  signals: Record<string, unknown>
}

/** What the runs of a job leave for the next one: its steps, its waits, and what it was told. */
export class SavedWork {
  readonly #supabase: SupabaseClient
  readonly #run: Run
  readonly #log: Log
  readonly #taken = new Set<string>()
  #found: Promise<Found> | undefined

  constructor(supabase: SupabaseClient, run: Run, log: Log) {
    this.#supabase = supabase
    this.#run = run
    this.#log = log
  }

  async step<Output>(given: string, work: () => Promise<Output> | Output): Promise<Output> {
    const name = this.#take('step', given)
    const { steps } = await this.#find()
    if (!Object.hasOwn(steps, name)) {
      this.#requireOngoing()
      const output = makeStorable(await work(), `steps.${name}`)
      await this.#ask('save_plan_job_step', { p_name: name, p_output: output })
      return output as Output
    }
    return steps[name] as Output
  }

  async enqueue(given: string, request: JobRequest<JobTypes>): Promise<string> {
    const name = this.#take('step', given)
    try {
      return await this.#request(name, request)
    } catch (error) {
      this.#taken.delete(`step ${name}`) // nothing was kept: it may be asked for again
      throw error
    }
  }

  async #request(name: string, request: JobRequest<JobTypes>): Promise<string> {
    const known = (await this.#find()).steps[name] as { job_id?: string } | undefined
    if (known?.job_id) {
      return known.job_id
    }
    this.#requireOngoing()
    // Null says that it is nobody's, or in no project.
    const { user_id, project_id } = request
    const asked = makeStorable({ ...readOptions(request), user_id, project_id }, `steps.${name}`)
    const options = { p_name: name, p_request: asked }
    const answer = await this.#ask<Outcome & { job_id: string }>('enqueue_plan_job_step', options)
    requireAllowed(answer)
    return answer.job_id
  }

  async sleep(given: string, duration: Duration): Promise<void> {
    const name = this.#take('wait', given)
    const { waits } = await this.#find()
    const seconds = countSeconds(duration)
    if (seconds > 0 && waits[name] !== true) {
      this.#run.suspend({ kind: 'sleep', name, seconds })
    }
  }

  async waitFor(given: string, timeout: Duration): Promise<unknown> {
    const name = this.#take('wait', given)
    const { signals, waits } = await this.#find()
    if (Object.hasOwn(signals, name)) {
      return signals[name]
    }
    const seconds = countSeconds(timeout)
    if (seconds <= 0 || waits[name] === true) {
      throw new WaitTimeoutError(name)
    }
    return this.#run.suspend({ kind: 'signal', name, seconds })
  }

  async parents(): Promise<Record<string, Parent>> {
    const { parents } = await this.#ask<{ parents: Parent[] }>('get_plan_job_parents')
    return Object.fromEntries(parents.map((parent) => [parent.ref, parent]))
  }

  #take(kind: string, given: string): string {
    const name = clean(String(given))
    if (this.#taken.has(`${kind} ${name}`)) {
      throw new TypeError(`the job has two ${kind}s named ${name}`)
    }
    if (name.length === 0 || name.length > MAX_NAME) {
      throw new TypeError(`the name of a ${kind} has between 1 and ${MAX_NAME} characters`)
    }
    this.#taken.add(`${kind} ${name}`)
    return name
  }

  #find(): Promise<Found> {
    this.#found ??= this.#ask<Found>('get_plan_job_steps')
    return this.#found
  }

  #requireOngoing(): void {
    if (this.#run.signal.aborted) {
      this.#run.refuse()
    }
  }

  /** The answer to a call, made until there is one, or the run is to end. */
  async #ask<Answer>(name: string, given: object = {}): Promise<Answer> {
    const { job, signal } = this.#run
    const asked = { p_job_id: job.id, p_claim_id: job.claim_id, ...given }
    for (let failures = 0; ; failures++) {
      try {
        const answer = await rpc<Answer & { outcome: string }>(this.#supabase, name, asked)
        if (answer.outcome === 'stale') {
          this.#run.lose()
          this.#requireOngoing()
        }
        return answer
      } catch (error) {
        if (isVerdict(error) || error === signal.reason) {
          throw error
        }
        this.#log(writeTrouble('handler_waits_for_database', error, job))
        await pause(Math.min(backOff(failures, error), MAX_PAUSE), signal).catch(() => undefined)
        this.#requireOngoing()
      }
    }
  }
}

function countSeconds({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Duration): number {
  const sum = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
  if (!(sum <= 366 * 86_400)) {
    throw new RangeError(`a wait is at most 366 days long, not ${sum} s`)
  }
  return sum
}
