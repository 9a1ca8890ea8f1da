/** What the server answers, in the words of the tables. */

export type JobStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled'

export interface Figures {
  pending: number
  scheduled: number
  processing: number
  /** More wait than were counted. */
  capped: boolean
  oldest_pending_seconds: number | null
  completed: number
  failed: number
  cancelled: number
  retrying: number
  released: number
  suspended: number
  crashed: number
  success_rate: number | null
  throughput_per_minute: number
  duration_p50: number | null
  duration_p95: number | null
}

export interface TypeFigures extends Figures {
  job_type: string
}

export interface Reason {
  code: string
  status: 'degraded' | 'unhealthy'
  message: string
}

export interface Processor {
  worker_id: string
  version: string
  concurrency: number
  running: number
  started_at: string
  seen_at: string
  is_alive: boolean
}

/** What calls the API, or cleans up. */
export interface Trigger {
  name: string
  schedule: string
  last_run_at: string | null
  is_alive: boolean
  /** Why it is not, and what to do. */
  reason: string | null
}

export interface Limits {
  max_running: number | null
  starts_per_minute: number | null
  max_running_per_user: number | null
  max_running_per_project: number | null
  max_cost_per_user_month: number | null
  max_retries: number
  max_runtime_seconds: number
}

export interface JobType extends Limits {
  job_type: string
  paused_at: string | null
}

export interface Now {
  /** All but health may be older, while the database is away. */
  figures_at: string
  queue: { job_types: TypeFigures[]; total: Figures; window_seconds: number }
  health: { status: 'healthy' | 'degraded' | 'unhealthy'; reasons: Reason[] }
  processors: Processor[]
  triggers: Trigger[]
  scale: { total: { due: number; running: number; workers: number }; jobs_per_worker: number }
  job_types: JobType[]
}

export interface Hour {
  hour: string
  completed: number
  failed: number
  cancelled: number
  retrying: number
  crashed: number
  duration_p50: number | null
  duration_p95: number | null
}

export interface JobError {
  code: string
  message: string
}

/** What is known of a project to who runs the queue. */
export interface Project {
  name: string
  repository_url: string
  branch: string | null
  plan_path: string
  processed_at: string | null
  skills_extracted_at: string | null
}

export interface Job {
  id: string
  user_id: string | null
  job_type: string
  status: JobStatus
  priority: number
  progress: { phase: string; percentage: number; message: string } | null
  error: JobError | null
  project_id: string | null
  plan_id: string | null
  trace_id: string | null
  run_at: string
  waiting_for: string | null
  is_held: boolean
  /** Why no job of its type starts. */
  held_back_by: 'pause' | 'limit' | null
  retry_count: number
  max_retries: number
  crash_count: number
  max_crashes: number
  worker_id: string | null
  cancel_requested_at: string | null
  created_at: string
  started_at: string | null
  completed_at: string | null
  expires_at: string | null
  duration_ms: number | null
}

export interface JobPage {
  jobs: Job[]
  next: string | null
  /** Where the search has stopped, before it found a page full. */
  looked_until: string | null
}

export interface Cause {
  exception: string
  message: string
  frames: string[]
  cause: Cause | null
}

interface Usage {
  model: string | null
  input_tokens: number | null
  output_tokens: number | null
  cost_usd: number | null
}

export interface Attempt extends Usage {
  worker_id: string
  outcome: string
  error: JobError | null
  cause: Cause | null
  started_at: string
  ended_at: string
  retry_at: string | null
  duration_ms: number
}

export interface Step extends Usage {
  name: string
  saved_at: string
}

export interface FlowJob {
  id: string
  job_type: string
  status: JobStatus
  is_held: boolean
}

export interface Flow {
  jobs: FlowJob[]
  edges: { job_id: string; parent_id: string; ref: string }[]
}

export interface Delivery {
  channel: string
  status: string
  attempts: number
  error: string | null
}

export interface Notification {
  id: string
  event: string
  occurred_at: string
  /** When it was known whom to tell. */
  addressed_at: string | null
  deliveries: Delivery[]
}

export interface JobRecord {
  job: Job
  /** Of one that waits. */
  position: {
    /** 1: the next of its type; null: it is not due. */
    position_in_queue: number | null
    estimated_completion_at: string | null
  } | null
  attempts: Attempt[]
  steps: Step[]
  flow: Flow | null
  notifications: Notification[]
  costs: { input_tokens: number; output_tokens: number; cost_usd: number | null }
}

export interface Schedule {
  id: string
  user_id: string | null
  job_type: string
  name: string
  cron: string | null
  time_zone: string | null
  interval_seconds: number | null
  paused_at: string | null
  next_run_at: string | null
  last_run_at: string | null
  last_job_id: string | null
  last_outcome: string | null
}

export interface Cost {
  attempts: number
  input_tokens: number
  output_tokens: number
  cost_usd: number
}

export interface Costs {
  by_day: (Cost & { day: string })[]
  by_model: (Cost & { model: string | null })[]
  /** The twenty that cost the most. */
  by_user: (Cost & { user_id: string | null })[]
  /** There was more than was counted. */
  capped: boolean
}
