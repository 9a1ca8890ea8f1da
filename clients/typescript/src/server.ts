/**
 * The queue for your server, through supabase-js with the project's secret key: Next.js route
 * handlers, Edge Functions. `import { createQueue } from '@supajobs/client/server'`.
 */

import type { SupabaseClient } from '@supabase/supabase-js'
import type { CallOptions } from './connection.ts'
import type { Job } from './job.ts'
import type { AnyJobTypes, DefinedJobTypes, JobId, JobTypeName, JobTypes } from './job-types.ts'
import type { components } from './openapi.ts'
import { type Outcome, requireJob } from './outcomes.ts'
import { repeat } from './repeats.ts'
import { newKey } from './requests.ts'
import { complete } from './rows.ts'
import { requireKnown, requireSendable, rpc } from './rpc.ts'

type Schemas = components['schemas']

export interface Whose extends CallOptions {
  /** Whose job it is: of a user whom you have verified, or null for one of the system. */
  user_id: string | null
}

/** Those of Python's `enqueue`. */
export interface EnqueueOptions extends Whose, Omit<Schemas['JobBody'], 'job_type' | 'params'> {
  /** Your id of this request: sent twice, it makes one job. By default each call has its own. */
  idempotency_key?: string | undefined
  trace_id?: string | undefined
}

/**
 * `existing`: the same request came before, or an active job is in the way of this one; `replaced`
 * if that had not started, and takes what was asked for now (debounce).
 */
export interface EnqueuedJob<Types extends JobTypes, Name extends JobTypeName<Types>> {
  outcome: 'created' | 'existing'
  job: Job<Types, Name>
  replaced: boolean
}

/** What a server does with jobs. Its methods work without it, too: `const { enqueue } = queue`. */
export interface Queue<Types extends JobTypes = AnyJobTypes> {
  /**
   * Asks for a job. The params are not checked: what does not fit is found by its handler.
   *
   * Throws an InvalidRequestError if an option is wrong, a ConflictError if the key was used for
   * another request, a TooManyRequestsError if the user has asked for enough.
   */
  enqueue<Name extends JobTypeName<Types>>(
    jobType: Name,
    params: Types[Name]['params'],
    options: EnqueueOptions,
  ): Promise<EnqueuedJob<Types, Name>>
  /** A job; while it waits, with its place in the queue. */
  get<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    whose: Whose,
  ): Promise<Job<Types, Name>>
  /** The user's job of this type that waits or runs. */
  getActive<Name extends JobTypeName<Types>>(
    jobType: Name,
    whose: Whose,
  ): Promise<Job<Types, Name> | null>
  /** Cancels a job. One that runs still does, for a moment; a ConflictError if it has ended. */
  cancel<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    whose: Whose,
  ): Promise<Job<Types, Name>>
  /** Runs a failed or cancelled job again, or answers with a newer one that it would double. */
  retry<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    whose: Whose,
  ): Promise<Job<Types, Name>>
  /** Tells a job what it waits for; the first payload of a name counts, and is the answer. */
  signal(id: JobId, name: string, payload: unknown, whose: Whose): Promise<unknown>
}

const LEVELS = new Map<unknown, number>([
  ['low', 2],
  ['normal', 5],
  ['high', 8],
])

/** The queue of the project that this client has the secret key of. */
export function createQueue<Types extends JobTypes = AnyJobTypes>(
  supabase: SupabaseClient,
  _options: { jobTypes?: DefinedJobTypes<Types> | undefined } = {},
): Queue<Types> {
  async function call<Answer = Outcome>(
    name: string,
    given: object,
    { signal }: CallOptions,
  ): Promise<Answer> {
    requireSendable(given)
    const named = Object.entries(given).map(([field, value]) => [`p_${field}`, value])
    const sent = Object.fromEntries(named)
    return await repeat(() => rpc<Answer>(supabase, name, sent, { signal }), signal)
  }

  /** Calls a function of one job, which answers with it. */
  async function change<Name extends JobTypeName<Types>>(
    name: string,
    id: string,
    { user_id, signal }: Whose,
  ): Promise<Job<Types, Name>> {
    const answer = await call(name, { job_id: id, user_id }, { signal })
    return requireJob(answer) as unknown as Job<Types, Name>
  }

  return {
    async enqueue<Name extends JobTypeName<Types>>(
      jobType: Name,
      params: Types[Name]['params'],
      { signal, user_id, idempotency_key: given, ...told }: EnqueueOptions,
    ) {
      const key = given || newKey()
      const asked = { user_id, job_type: jobType, params, idempotency_key: key }
      const answer = await call('enqueue_plan_job', { ...readOptions(told), ...asked }, { signal })
      const job = requireJob(answer)
      // What only a key of ours has found, this call had created: its first answer was lost.
      const wasThere = answer.outcome === 'existing' && (given || job.idempotency_key !== key)
      return {
        outcome: wasThere ? 'existing' : 'created',
        job: job as unknown as Job<Types, Name>,
        replaced: answer.replaced ?? false,
      }
    },
    get: (id, whose) => change('get_plan_job', id, whose),
    async getActive<Name extends JobTypeName<Types>>(jobType: Name, { user_id, signal }: Whose) {
      const asked = { user_id, job_type: jobType }
      const job = await call<Job | null>('get_active_plan_job', asked, { signal })
      return job && (complete(job) as unknown as Job<Types, Name>)
    },
    cancel: (id, whose) => change('cancel_plan_job', id, whose),
    retry: (id, whose) => change('retry_plan_job', id, whose),
    async signal(id, name, payload, { user_id, signal }) {
      const told = { job_id: id, user_id, name, payload: payload ?? null }
      const answer = await call('signal_plan_job', told, { signal })
      requireJob(answer)
      return answer.payload
    },
  }
}

type Asked = Omit<EnqueueOptions, 'signal'> & Schemas['JobBody']

const KNOWN: Readonly<Record<keyof Asked, true>> = {
  after: true,
  debounce_max_seconds: true,
  debounce_seconds: true,
  idempotency_key: true,
  job_type: true,
  on_parent_failure: true,
  params: true,
  priority: true,
  project_id: true,
  run_at: true,
  trace_id: true,
  ttl_hours: true,
  user_id: true,
}

/** Those that were given, as SQL has them; an InvalidRequestError if there is no such option. */
export function readOptions({ priority, ...told }: Pick<Asked, 'priority'>): object {
  requireKnown(told, KNOWN)
  const level = LEVELS.get(priority) ?? priority
  const given = Object.entries({ ...told, priority: level })
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== null))
}
