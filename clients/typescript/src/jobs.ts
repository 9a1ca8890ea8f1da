import { type CallOptions, type Connection, pathOf } from './connection.ts'
import type {
  BatchAnswer,
  BatchEntry,
  Flow,
  Job,
  JobStatus,
  JobSummary,
  RequestedJob,
  ToldJob,
} from './job.ts'
import type { JobId, JobTypeName, JobTypes } from './job-types.ts'
import { turnPages } from './pages.ts'
import { type JobOptions, newKey, type ProviderKeyOptions, writePreferences } from './requests.ts'

export interface JobFilters {
  /** Any of these. */
  status?: JobStatus | readonly JobStatus[] | undefined
  job_type?: string | undefined
  project_id?: string | undefined
  /** Created then or later. */
  since?: string | undefined
  /** How many make a page, at most 100. */
  limit?: number | undefined
}

interface JobPage {
  jobs: JobSummary[]
}

interface BatchAnswers<Types extends JobTypes> {
  jobs: BatchAnswer<Types>[]
}

interface Found<Types extends JobTypes, Name extends JobTypeName<Types>> {
  job: Job<Types, Name> | null
}

/** What one does with jobs. */
export interface JobMethods<Types extends JobTypes> {
  /**
   * Asks for a job. One that the user has on its way already may be the answer: `existing`.
   *
   * Throws an InvalidRequestError if the params do not fit, a TooManyRequestsError if the user has
   * asked for enough.
   */
  createJob<Name extends JobTypeName<Types>>(
    jobType: Name,
    params: Types[Name]['params'],
    options?: JobOptions,
  ): Promise<RequestedJob<Types, Name>>
  /** Asks for up to 1,000 jobs, each with an answer of its own, in their order. */
  createJobs(
    entries: readonly BatchEntry<Types>[],
    options?: CallOptions,
  ): Promise<BatchAnswer<Types>[]>
  /** A job; while it waits, with its place in the queue. */
  getJob<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    options?: CallOptions,
  ): Promise<Job<Types, Name>>
  /** The status alone. */
  getJobStatus(id: JobId, options?: CallOptions): Promise<JobStatus>
  /** The user's job of this type that waits or runs; the newest, if there are several. */
  getActiveJob<Name extends JobTypeName<Types>>(
    jobType: Name,
    options?: CallOptions,
  ): Promise<Job<Types, Name> | null>
  /** The user's jobs, newest first, page by page: `for await (const jobs of listJobs())`. */
  listJobs(
    filters?: JobFilters,
    options?: CallOptions,
  ): AsyncGenerator<JobSummary[], void, undefined>
  /** Cancels a job. One that runs still does, for a moment; a ConflictError if it has ended. */
  cancelJob<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    options?: CallOptions,
  ): Promise<Job<Types, Name>>
  /** Runs a failed or cancelled job again, or answers with a newer one that it would double. */
  retryJob<Name extends JobTypeName<Types> = JobTypeName<Types>>(
    id: JobId<Name>,
    options?: CallOptions & ProviderKeyOptions,
  ): Promise<Job<Types, Name>>
  /** Tells a job what it waits for; the first payload of a name counts. */
  signalJob(
    id: JobId,
    name: string,
    payload?: unknown,
    options?: CallOptions,
  ): Promise<ToldJob<Types>>
  /** The jobs that this one waits for, that wait for it, and so on. */
  getFlow(id: JobId, options?: CallOptions): Promise<Flow>
}

export function jobMethods<Types extends JobTypes>(connection: Connection): JobMethods<Types> {
  return {
    createJob(jobType, params, options = {}) {
      const { idempotencyKey, providerKey, wait, signal, ...told } = options
      const headers = writePreferences(options)
      const body = { ...told, job_type: jobType, params }
      return connection.call('/jobs', { method: 'POST', headers, body }, options)
    },
    async createJobs(entries, options) {
      const asked = entries.map((entry) => ({
        ...entry,
        idempotency_key: entry.idempotency_key || newKey(),
      }))
      const { jobs } = await connection.call<BatchAnswers<Types>>(
        '/jobs/batch',
        { method: 'POST', body: { jobs: asked } },
        options,
      )
      return jobs
    },
    getJob: (id, options) => connection.call(pathOf`/jobs/${id}`, {}, options),
    async getJobStatus(id, options) {
      return (await connection.call<Pick<Job, 'status'>>(pathOf`/jobs/${id}/status`, {}, options))
        .status
    },
    async getActiveJob<Name extends JobTypeName<Types>>(jobType: Name, options?: CallOptions) {
      const { job } = await connection.call<Found<Types, Name>>(
        '/jobs/active',
        { query: { job_type: jobType } },
        options,
      )
      return job
    },
    async *listJobs(filters, options) {
      for await (const page of turnPages<JobPage>(connection, '/jobs', { ...filters }, options)) {
        yield page.jobs
      }
    },
    cancelJob: (id, options) => connection.call(pathOf`/jobs/${id}`, { method: 'DELETE' }, options),
    retryJob(id, options) {
      return connection.call(
        pathOf`/jobs/${id}/retry`,
        { method: 'POST', headers: { 'X-Provider-Key': options?.providerKey } },
        options,
      )
    },
    signalJob(id, name, body, options) {
      return connection.call(pathOf`/jobs/${id}/signals/${name}`, { method: 'POST', body }, options)
    },
    getFlow: (id, options) => connection.call(pathOf`/jobs/${id}/flow`, {}, options),
  }
}
