import { ApiSource } from './api-source.ts'
import { type Connected, Connection, type ConnectionOptions } from './connection.ts'
import type { AnyJobTypes, DefinedJobTypes, JobTypes } from './job-types.ts'
import { type JobMethods, jobMethods } from './jobs.ts'
import { type WaitingMethods, waitingMethods } from './waiting.ts'

export interface ClientOptions<Types extends JobTypes> extends ConnectionOptions {
  /** From `defineJobTypes`: params and results are then of these types. */
  jobTypes?: DefinedJobTypes<Types> | undefined
}

/**
 * A user's jobs. Its methods work without it, too: `const { createJob } = client`.
 *
 * For more there are `plansOf(client)`, `schedulesOf(client)`, `toolsOf(client)` and
 * `devicesOf(client)`, which an app that does not call them does not load.
 */
export interface Client<Types extends JobTypes = AnyJobTypes>
  extends Connected<Types>,
    JobMethods<Types>,
    WaitingMethods<Types> {}

/**
 * A client of the API, for the user whose token `getToken` gives:
 *
 *     const client = createClient({
 *       baseUrl: 'https://api.example.com',
 *       getToken: async () => (await supabase.auth.getSession()).data.session?.access_token,
 *     })
 */
export function createClient<Types extends JobTypes = AnyJobTypes>(
  options: ClientOptions<Types>,
): Client<Types> {
  const connection = new Connection(options)
  return {
    connection,
    ...jobMethods<Types>(connection),
    ...waitingMethods<Types>((id) => new ApiSource(connection, id)),
  }
}
