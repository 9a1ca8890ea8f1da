import type { SupabaseClient } from '@supabase/supabase-js'
import { refusal } from './errors.ts'
import type { Job, JobSummary } from './job.ts'
import type { JobFilters } from './jobs.ts'
import { ask, type Query } from './queries.ts'

const TABLE = 'plan_generation_jobs'
/** Those that users are granted: `*` is refused. */
const SUMMARY = [
  ...['id', 'user_id', 'job_type', 'status', 'priority', 'progress', 'error', 'plan_id'],
  ...['project_id', 'idempotency_key', 'trace_id', 'run_at', 'waiting_for', 'is_held'],
  ...['retry_count', 'max_retries', 'cancel_requested_at', 'created_at', 'started_at'],
  ...['completed_at', 'expires_at', 'updated_at'],
].join()
const JOB = `${SUMMARY},params,result`

type Signal = AbortSignal | undefined

/** One of the user's jobs; a NotFoundError if they have no such job. */
export async function readRow(supabase: SupabaseClient, id: string, signal: Signal): Promise<Job> {
  const query = supabase.from(TABLE).select(JOB).eq('id', id)
  const [job] = await send<Job>(query, signal)
  if (!job) {
    throw refusal(404, { code: 'job_not_found', detail: 'You have no such job.' })
  }
  return job
}

/** The newest of this type that waits or runs. */
export async function readActiveRow(
  supabase: SupabaseClient,
  jobType: string,
  signal: Signal,
): Promise<Job | null> {
  const query = supabase
    .from(TABLE)
    .select(JOB)
    .eq('job_type', jobType)
    .in('status', ['pending', 'processing'])
    .order('id', { ascending: false })
    .limit(1)
  const [job] = await send<Job>(query, signal)
  return job ?? null
}

/** A page of the user's jobs, newest first: those before this id. */
export function readRows(
  supabase: SupabaseClient,
  { status, job_type, project_id, since, limit = 20 }: JobFilters,
  before: string | undefined,
  signal: Signal,
): Promise<JobSummary[]> {
  let query = supabase.from(TABLE).select(SUMMARY)
  if (status?.length) {
    query = query.in('status', [status].flat())
  }
  if (job_type) {
    query = query.eq('job_type', job_type)
  }
  if (project_id) {
    query = query.eq('project_id', project_id)
  }
  if (since) {
    query = query.gte('created_at', since)
  }
  if (before) {
    query = query.lt('id', before)
  }
  return send(query.order('id', { ascending: false }).limit(limit), signal)
}

async function send<Row extends JobSummary>(query: Query, signal: Signal): Promise<Row[]> {
  const rows = await ask<Row[]>(query, signal, (status, { code, message, hint }) =>
    refusal(status, { code, detail: message, hint }),
  )
  return rows.map(complete)
}

/** What the API tells besides, of the same row. */
export function complete<Row extends JobSummary>(row: Row): Row {
  const { id, started_at, completed_at } = row
  const duration =
    started_at && completed_at ? Date.parse(completed_at) - Date.parse(started_at) : null
  return { ...row, job_id: id, duration_ms: duration }
}
