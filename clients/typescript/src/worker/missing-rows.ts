import type { SupabaseClient } from '@supabase/supabase-js'
import { ask } from '../queries.ts'
import { explain } from '../rpc.ts'
import { type Log, writeTrouble } from './log.ts'

/** Milliseconds; jobs do not wait for it. */
const PATIENCE = 5000
const HINT =
  'Nobody can ask for its jobs: add its row, by a migration with ' +
  "insert into public.plan_job_types (job_type) values ('…')"

/** Says in the log which of these job types have no row. */
export async function tellOfMissingRows(
  supabase: SupabaseClient,
  jobTypes: readonly string[],
  log: Log,
): Promise<void> {
  try {
    const query = supabase.from('plan_job_types').select('job_type').in('job_type', jobTypes)
    const rows = await ask<{ job_type: string }[]>(query, undefined, explain, PATIENCE)
    const found = rows.map(({ job_type: jobType }) => jobType)
    for (const jobType of jobTypes.filter((each) => !found.includes(each))) {
      log({ event: 'job_type_without_row', job_type: jobType, hint: HINT })
    }
  } catch (error) {
    log(writeTrouble('job_types_unread', error))
  }
}
