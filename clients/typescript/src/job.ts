import type { Problem } from './errors.ts'
import type { AnyJobTypes, JobId, JobTypeName, JobTypes } from './job-types.ts'
import type { components } from './openapi.ts'

type Schemas = components['schemas']

export type JobStatus = Schemas['JobStatus']
export type JobError = Schemas['JobError']
export type JobSummary = Schemas['JobSummary']
export type Progress = Schemas['Progress']
export type Flow = Schemas['Flow']

type TypedField =
  | 'completed_at'
  | 'error'
  | 'id'
  | 'job_id'
  | 'job_type'
  | 'params'
  | 'result'
  | 'status'

/** What jobs have in every status. Where it stands is told only by `getJob` and while one waits. */
interface AnyJob<Params, Name extends string>
  extends Omit<Schemas['Job'], TypedField>,
    Omit<Schemas['JobDetails'], keyof Schemas['Job']> {
  id: JobId<Name>
  job_id: JobId<Name>
  job_type: Name
  params: Params
}

/** One that waits, or runs; `error` is that of an attempt before. */
export interface ActiveJob<Params, Name extends string> extends AnyJob<Params, Name> {
  status: 'pending' | 'processing'
  result: null
  error: JobError | null
  completed_at: null
}

export interface CompletedJob<Params, Result, Name extends string> extends AnyJob<Params, Name> {
  status: 'completed'
  result: Result
  error: null
  completed_at: string
}

export interface FailedJob<Params, Name extends string> extends AnyJob<Params, Name> {
  status: 'failed'
  result: null
  error: JobError
  completed_at: string
}

/** `error` says why if nobody cancelled it: a job that it came after has not completed. */
export interface CancelledJob<Params, Name extends string> extends AnyJob<Params, Name> {
  status: 'cancelled'
  result: null
  error: JobError | null
  completed_at: string
}

/** A job that has ended. */
export type EndedJob<
  Types extends JobTypes = AnyJobTypes,
  Name extends JobTypeName<Types> = JobTypeName<Types>,
> = Name extends unknown
  ?
      | CompletedJob<Types[Name]['params'], Types[Name]['result'], Name>
      | FailedJob<Types[Name]['params'], Name>
      | CancelledJob<Types[Name]['params'], Name>
  : never

/** A job: `job_type` tells what its params are, `status` whether it has a result or an error. */
export type Job<
  Types extends JobTypes = AnyJobTypes,
  Name extends JobTypeName<Types> = JobTypeName<Types>,
> = Name extends unknown ? ActiveJob<Types[Name]['params'], Name> | EndedJob<Types, Name> : never

type FoundOrMade = Pick<Schemas['RequestedJob'], 'differs' | 'existing' | 'why'>

/** A job that was asked for; `existing` if it was there before. */
export type RequestedJob<
  Types extends JobTypes = AnyJobTypes,
  Name extends JobTypeName<Types> = JobTypeName<Types>,
> = Job<Types, Name> & FoundOrMade

/** One of several jobs to ask for. */
export type BatchEntry<Types extends JobTypes = AnyJobTypes> = {
  [Name in JobTypeName<Types>]: Omit<Schemas['BatchEntry'], 'job_type' | 'params'> & {
    job_type: Name
    params: Types[Name]['params']
  }
}[JobTypeName<Types>]

/** What became of an entry: a job, or why there is none. */
export type BatchAnswer<Types extends JobTypes = AnyJobTypes> =
  | { job: Job<Types>; error: null; existing: boolean; why: FoundOrMade['why'] }
  | { job: null; error: Problem; existing: false; why: null }

/** A job, and what it was told; `existing` if it had been told before, and that payload counts. */
export type ToldJob<Types extends JobTypes = AnyJobTypes> = Omit<Schemas['ToldJob'], 'job'> & {
  job: Job<Types>
}
