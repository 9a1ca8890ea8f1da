import { type CallOptions, type Connected, pathOf } from './connection.ts'
import type { RequestedJob } from './job.ts'
import type { JobTypeName, JobTypes } from './job-types.ts'
import type { components } from './openapi.ts'
import { turnPages } from './pages.ts'
import { type RequestOptions, writePreferences } from './requests.ts'

type Schemas = components['schemas']

export type Schedule = Schemas['ScheduleDetails']
export type ScheduleChanges = Schemas['ScheduleChanges']

/** A job that is to recur: by `cron` and `time_zone`, or every `interval_seconds`. */
export type ScheduleRequest<Types extends JobTypes> = {
  [Name in JobTypeName<Types>]: Omit<Schemas['ScheduleRequest'], 'job_type' | 'params'> & {
    job_type: Name
    params: Types[Name]['params']
  }
}[JobTypeName<Types>]

interface SchedulePage {
  schedules: Schedule[]
}

export interface ScheduleMethods<Types extends JobTypes> {
  /** Has a job recur; a ConflictError if another schedule of the user has this name. */
  createSchedule(request: ScheduleRequest<Types>, options?: CallOptions): Promise<Schedule>
  /** The user's schedules, newest first, page by page. `limit`: how many make one, at most 100. */
  listSchedules(
    filters?: { limit?: number | undefined },
    options?: CallOptions,
  ): AsyncGenerator<Schedule[], void, undefined>
  getSchedule(id: string, options?: CallOptions): Promise<Schedule>
  /** Changes one, pauses it (`is_paused`) or lets it go on. */
  changeSchedule(id: string, changes: ScheduleChanges, options?: CallOptions): Promise<Schedule>
  deleteSchedule(id: string, options?: CallOptions): Promise<void>
  /** Asks for its job now, besides its plan. */
  runSchedule(id: string, options?: RequestOptions): Promise<RequestedJob<Types>>
}

/** What one does with jobs that recur: `const { createSchedule } = schedulesOf(client)`. */
export function schedulesOf<Types extends JobTypes>({
  connection,
}: Connected<Types>): ScheduleMethods<Types> {
  return {
    createSchedule: (body, options) =>
      connection.call('/schedules', { method: 'POST', body }, options),
    async *listSchedules(filters, options) {
      for await (const page of turnPages<SchedulePage>(
        connection,
        '/schedules',
        { ...filters },
        options,
      )) {
        yield page.schedules
      }
    },
    getSchedule: (id, options) => connection.call(pathOf`/schedules/${id}`, {}, options),
    changeSchedule: (id, body, options) =>
      connection.call(pathOf`/schedules/${id}`, { method: 'PATCH', body }, options),
    deleteSchedule: (id, options) =>
      connection.call(pathOf`/schedules/${id}`, { method: 'DELETE' }, options),
    runSchedule: (id, options = {}) =>
      connection.call(
        pathOf`/schedules/${id}/run`,
        { method: 'POST', headers: writePreferences(options) },
        options,
      ),
  }
}
