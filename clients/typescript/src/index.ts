export { type Client, type ClientOptions, createClient } from './client.ts'
export type { CallOptions, Connected, Connection, GetToken } from './connection.ts'
export { type Device, type DeviceMethods, devicesOf, type RegisteredDevice } from './devices.ts'
export {
  ApiError,
  type ClientCode,
  ConflictError,
  type ErrorCode,
  type FieldProblem,
  InvalidRequestError,
  JobNotEndedError,
  NoAnswerError,
  NotAuthenticatedError,
  NotFoundError,
  type Problem,
  type ProblemCode,
  SupajobsError,
  TooManyRequestsError,
  UnavailableError,
} from './errors.ts'
export type {
  ActiveJob,
  BatchAnswer,
  BatchEntry,
  CancelledJob,
  CompletedJob,
  EndedJob,
  FailedJob,
  Flow,
  Job,
  JobError,
  JobStatus,
  JobSummary,
  Progress,
  RequestedJob,
  ToldJob,
} from './job.ts'
export {
  type AnyJobTypes,
  type DefinedJobTypes,
  defineJobTypes,
  type JobId,
  type JobTypeName,
  type JobTypes,
} from './job-types.ts'
export type { JobFilters, JobMethods } from './jobs.ts'
export {
  type Plan,
  type PlanMethods,
  type PlanOptions,
  type PlanRequest,
  type PlanStatus,
  type Processed,
  type ProcessingOptions,
  plansOf,
  type RequestedPlan,
} from './plans.ts'
export {
  type Project,
  type ProjectDetails,
  type ProjectEdit,
  type ProjectJob,
  type ProjectMethods,
  type ProjectProgress,
  type ProjectRequest,
  type ProjectSkills,
  type ProjectTask,
  type ProjectWebhook,
  projectsOf,
} from './projects.ts'
export type { JobOptions, RequestOptions } from './requests.ts'
export {
  type Schedule,
  type ScheduleChanges,
  type ScheduleMethods,
  type ScheduleRequest,
  schedulesOf,
} from './schedules.ts'
export { type Tool, type ToolAnswer, type ToolMethods, type ToolOptions, toolsOf } from './tools.ts'
export type { CompletionOptions, WaitingMethods } from './waiting.ts'
