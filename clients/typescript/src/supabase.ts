/**
 * The user's jobs straight from Supabase, through Row Level Security: what there is to read without
 * the API. `import { createReader } from '@supajobs/client/supabase'`.
 */

import type { SupabaseClient } from '@supabase/supabase-js'
import type { CallOptions } from './connection.ts'
import type { Job, JobSummary } from './job.ts'
import type { AnyJobTypes, DefinedJobTypes, JobTypeName, JobTypes } from './job-types.ts'
import type { JobFilters, JobMethods } from './jobs.ts'
import { RowSource } from './row-source.ts'
import { readActiveRow, readRow, readRows } from './rows.ts'
import { type WaitingMethods, waitingMethods } from './waiting.ts'

/** What of a client needs no API. */
export interface Reader<Types extends JobTypes = AnyJobTypes>
  extends Pick<JobMethods<Types>, 'getActiveJob' | 'getJob' | 'getJobStatus' | 'listJobs'>,
    WaitingMethods<Types> {}

export interface ReaderOptions<Types extends JobTypes> {
  /** From `defineJobTypes`: params and results are then of these types. */
  jobTypes?: DefinedJobTypes<Types> | undefined
}

/**
 * Reads the jobs of the user who has signed in with this client. To wait for one, it listens to the
 * user's Realtime topic, and looks from time to time where that is not to be had.
 */
export function createReader<Types extends JobTypes = AnyJobTypes>(
  supabase: SupabaseClient,
  _options: ReaderOptions<Types> = {},
): Reader<Types> {
  return {
    async getJob<Name extends JobTypeName<Types>>(id: string, { signal }: CallOptions = {}) {
      return (await readRow(supabase, id, signal)) as unknown as Job<Types, Name>
    },
    async getJobStatus(id, { signal } = {}) {
      return (await readRow(supabase, id, signal)).status
    },
    async getActiveJob<Name extends JobTypeName<Types>>(
      jobType: Name,
      { signal }: CallOptions = {},
    ) {
      return (await readActiveRow(supabase, jobType, signal)) as unknown as Job<Types, Name> | null
    },
    async *listJobs(filters: JobFilters = {}, { signal }: CallOptions = {}) {
      const limit = Math.min(filters.limit ?? 20, 100)
      let page: JobSummary[]
      let last: JobSummary | undefined
      do {
        page = await readRows(supabase, { ...filters, limit }, last?.id, signal)
        last = page.at(-1)
        if (last) {
          yield page
        }
      } while (last && page.length === limit)
    },
    ...waitingMethods<Types>((id, wake) => new RowSource(supabase, id, wake)),
  }
}
