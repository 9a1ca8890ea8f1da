// Written by scripts/write-openapi.ts from docs/openapi.json.

/** What the API's refusals have as `code`. */
export type ProblemCode =
  | 'anonymous_user_refused'
  | 'body_too_large'
  | 'body_too_slow'
  | 'debounce_without_dedupe'
  | 'head_too_large'
  | 'idempotency_conflict'
  | 'internal_error'
  | 'invalid_request'
  | 'job_finished'
  | 'job_not_finished'
  | 'job_not_found'
  | 'jobs_not_running'
  | 'monthly_cost_reached'
  | 'not_authenticated'
  | 'not_operator'
  | 'parent_not_found'
  | 'plan_not_found'
  | 'project_name_taken'
  | 'project_not_found'
  | 'project_required'
  | 'provider_key_not_allowed'
  | 'provider_key_required'
  | 'provider_keys_not_offered'
  | 'push_not_offered'
  | 'rate_limited'
  | 'role_refused'
  | 'schedule_name_taken'
  | 'schedule_not_found'
  | 'secret_not_configured'
  | 'server_busy'
  | 'signal_too_late'
  | 'supabase_refused'
  | 'supabase_unavailable'
  | 'too_many_projects'
  | 'too_many_schedules'
  | 'too_many_waiting'
  | 'tool_not_found'
  | 'tool_too_slow'
  | 'unknown_job_type'
  | 'user_gone'
  | 'webhook_unreadable'
  | 'wrong_secret'
  | 'wrong_signature'

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The job on its way, or null. */
        ActiveJob: {
            job: components["schemas"]["Job"] | null;
        };
        /** @description A cyclist as the request describes them; only the first three fields are required. */
        AthleteProfile: {
            age: number;
            current_ctl?: number | null;
            event_date?: string | null;
            ftp: number;
            /** @default IMPROVE_FTP */
            goal?: components["schemas"]["CyclingGoal"];
            training_days?: number | null;
            /** @description The weekdays to train on; by default chosen for the athlete */
            weekdays?: components["schemas"]["Weekday"][] | null;
            weekly_hours?: number | null;
            weight_kg: number;
        };
        /**
         * @description An attempt that has ended; what it cost in dollars, as far as that is known.
         *
         *     `error` is what the user reads, `cause` what had raised it: no user sees that.
         */
        Attempt: {
            cause: components["schemas"]["Cause"] | null;
            /** Format: uuid */
            claim_id: string;
            cost_usd: number | null;
            /** @description From its start to its end. */
            readonly duration_ms: number;
            /** Format: date-time */
            ended_at: string;
            error: components["schemas"]["JobError"] | null;
            input_tokens: number | null;
            model: string | null;
            outcome: string;
            output_tokens: number | null;
            retry_at: string | null;
            /** Format: date-time */
            started_at: string;
            worker_id: string;
        };
        /** @description Those of one job, in their order. */
        Attempts: {
            attempts: components["schemas"]["Attempt"][];
        };
        /** @description Jobs that are asked for at once. */
        Batch: {
            jobs: components["schemas"]["BatchEntry"][];
        };
        /** @description What became of an entry: a job, or why there is none. */
        BatchAnswer: {
            error?: components["schemas"]["Problem"] | null;
            /**
             * @description Whether the job was there before the request.
             * @default false
             */
            existing: boolean;
            job?: components["schemas"]["Job"] | null;
            /** @description Of an existing job. idempotency_key: a request with this key came before. active_job: it is on its way, and a user (or a project) has one of its type at a time. replaced: it has not started, and takes this request in place of the one before. */
            why?: ("idempotency_key" | "active_job" | "replaced") | null;
        };
        /** @description One for each entry, in their order. */
        BatchAnswers: {
            jobs: components["schemas"]["BatchAnswer"][];
        };
        /**
         * @description One of several jobs.
         * @example {
         *       "job_type": "training_plan",
         *       "params": {
         *         "athlete_profile": {
         *           "age": 35,
         *           "ftp": 265,
         *           "weight_kg": 70
         *         },
         *         "weeks": 12
         *       },
         *       "priority": "high"
         *     }
         */
        BatchEntry: {
            /** @description Your jobs that are to complete first: ids, or refs of earlier entries; or one for each name that the job has for it. */
            after?: ((string)[] | {
                [key: string]: string;
            }) | null;
            /** @description It starts so long after the first of these requests at the latest. */
            debounce_max_seconds?: number | null;
            /** @description It starts so long after the last request of its dedupe key, which wins: a job that has not started takes that, and after one that has, one more runs. */
            debounce_seconds?: number | null;
            idempotency_key?: string | null;
            /** @description `tool` is another name for it. */
            job_type: string;
            /**
             * @description What becomes of it when one of these does not complete.
             * @default cancel
             * @enum {string}
             */
            on_parent_failure?: "cancel" | "run";
            /**
             * @description What jobs of this type want to know. `parameters` is another name for it.
             * @default {}
             */
            params?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * @description 0 is the lowest. low is 2, normal 5, high 8.
             * @default 5
             */
            priority?: number | ("low" | "normal" | "high");
            project_id?: string | null;
            /** @description What later ones call it in their `after`. */
            ref?: string | null;
            /** @description Not before this time, at most 366 days ahead. Past: at once. */
            run_at?: string | null;
            /** @description How long the finished job is kept. */
            ttl_hours?: number | null;
        };
        /** @description An exception, its innermost frame last, and the one that it was raised from. */
        Cause: {
            cause?: components["schemas"]["Cause"] | null;
            exception: string;
            /** @default [] */
            frames: string[];
            message: string;
        };
        /**
         * @description What a cyclist trains for; it decides the key sessions and the last day of the plan.
         * @enum {string}
         */
        CyclingGoal: "IMPROVE_FTP" | "GENERAL_FITNESS" | "GRAN_FONDO" | "ROAD_RACE" | "TIME_TRIAL";
        /** @description Where a skill is seen. */
        Evidence: {
            line: number | null;
            path: string;
        };
        /**
         * @description Years of regular training, roughly: less than one, up to three, more.
         * @enum {string}
         */
        Experience: "BEGINNER" | "INTERMEDIATE" | "ADVANCED";
        /** @description A phone with an app that was built with Expo. */
        ExpoDevice: {
            /** @constant */
            kind: "expo";
            /** @description As `getExpoPushTokenAsync` gives it. */
            token: string;
        };
        /** @description What is wrong with one field of the request. */
        FieldProblem: {
            field: string;
            message: string;
        };
        /** @description Jobs that wait for each other, 1000 of them at most. */
        Flow: {
            edges: components["schemas"]["FlowEdge"][];
            jobs: components["schemas"]["FlowJob"][];
        };
        /** @description That a job waits for another one, which it calls `ref`. */
        FlowEdge: {
            /** Format: uuid */
            job_id: string;
            /** @enum {string} */
            on_parent_failure: "cancel" | "run";
            /** Format: uuid */
            parent_id: string;
            ref: string;
        };
        /** @description A job of a flow. */
        FlowJob: {
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            is_held: boolean;
            job_type: string;
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
        };
        /** @description `ok` or `ready`; everything else is an error. */
        Health: {
            /** @enum {string} */
            status: "ok" | "ready";
        };
        /**
         * @description What is wrong and, in `message`, what to do about it.
         *
         *     `code`: `stuck_jobs`, `expired_leases`, `nobody_claims`, `old_backlog`, `no_handler`,
         *     `dead_trigger`, `late_schedules`, `old_snapshot`, `dead_tuples`, `database_read_only`,
         *     `database_unreachable`, `provider_key_refused`, `provider_quota_exceeded` or `jobs_not_running`.
         */
        HealthReason: {
            code: string;
            job_type?: string | null;
            /** @description How many are concerned. */
            jobs?: number | null;
            message: string;
            /** @description The model provider that refuses. */
            provider?: string | null;
            /** @description For how long. */
            seconds?: number | null;
            /** @enum {string} */
            status: "degraded" | "unhealthy";
        };
        /** @description A job as its owner sees it. */
        Job: {
            cancel_requested_at: string | null;
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description From the latest start to the end; null before the end, or if it never started. */
            readonly duration_ms: number | null;
            error: components["schemas"]["JobError"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            idempotency_key: string | null;
            /**
             * @description It waits for others to end: its parents, or yours of its type.
             * @default false
             */
            is_held: boolean;
            /**
             * Format: uuid
             * @description The same as `id`, for clients that know it by this name.
             */
            readonly job_id: string;
            job_type: string;
            max_retries: number;
            params: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            plan_id: string | null;
            priority: number;
            progress: components["schemas"]["Progress"] | null;
            project_id: string | null;
            result: components["schemas"]["JsonValue"];
            retry_count: number;
            /** Format: date-time */
            run_at: string;
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            trace_id: string | null;
            /** Format: date-time */
            updated_at: string;
            /** @description Null: a job of the system, which no user sees. */
            user_id: string | null;
            /** @description The name of the sleep or signal that it waits for, until `run_at` at most. */
            waiting_for?: string | null;
        };
        /**
         * @description What a client may ask for.
         * @example {
         *       "job_type": "training_plan",
         *       "params": {
         *         "athlete_profile": {
         *           "age": 35,
         *           "ftp": 265,
         *           "weight_kg": 70
         *         },
         *         "weeks": 12
         *       },
         *       "priority": "high"
         *     }
         */
        JobBody: {
            /** @description Your jobs that are to complete first: their ids, or an id for each name that the job has for one. */
            after?: (string[] | {
                [key: string]: string;
            }) | null;
            /** @description It starts so long after the first of these requests at the latest. */
            debounce_max_seconds?: number | null;
            /** @description It starts so long after the last request of its dedupe key, which wins: a job that has not started takes that, and after one that has, one more runs. */
            debounce_seconds?: number | null;
            /** @description `tool` is another name for it. */
            job_type: string;
            /**
             * @description What becomes of it when one of these does not complete.
             * @default cancel
             * @enum {string}
             */
            on_parent_failure?: "cancel" | "run";
            /**
             * @description What jobs of this type want to know. `parameters` is another name for it.
             * @default {}
             */
            params?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * @description 0 is the lowest. low is 2, normal 5, high 8.
             * @default 5
             */
            priority?: number | ("low" | "normal" | "high");
            project_id?: string | null;
            /** @description Not before this time, at most 366 days ahead. Past: at once. */
            run_at?: string | null;
            /** @description How long the finished job is kept. */
            ttl_hours?: number | null;
        };
        /** @description A job and, while it is pending, what is expected of it. */
        JobDetails: {
            cancel_requested_at: string | null;
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description From the latest start to the end; null before the end, or if it never started. */
            readonly duration_ms: number | null;
            error: components["schemas"]["JobError"] | null;
            estimated_completion_at?: string | null;
            /** @description Seconds that jobs of its type lately took. */
            estimated_duration?: number | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            idempotency_key: string | null;
            /**
             * @description It waits for others to end: its parents, or yours of its type.
             * @default false
             */
            is_held: boolean;
            /**
             * Format: uuid
             * @description The same as `id`, for clients that know it by this name.
             */
            readonly job_id: string;
            job_type: string;
            max_retries: number;
            params: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            plan_id: string | null;
            /** @description 1 is the next of its type to start. */
            position_in_queue?: number | null;
            priority: number;
            progress: components["schemas"]["Progress"] | null;
            project_id: string | null;
            result: components["schemas"]["JsonValue"];
            retry_count: number;
            /** Format: date-time */
            run_at: string;
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            trace_id: string | null;
            /** Format: date-time */
            updated_at: string;
            /** @description Null: a job of the system, which no user sees. */
            user_id: string | null;
            /** @description The name of the sleep or signal that it waits for, until `run_at` at most. */
            waiting_for?: string | null;
        };
        /** @description Why an attempt ended badly, in words for the user; never a traceback. */
        JobError: {
            code: string;
            detail?: components["schemas"]["JsonValue"];
            message: string;
        };
        /** @description Jobs, newest first. */
        JobPage: {
            jobs: components["schemas"]["JobSummary"][];
        };
        /**
         * @description pending → processing → completed | failed | cancelled.
         * @enum {string}
         */
        JobStatus: "pending" | "processing" | "completed" | "failed" | "cancelled";
        /** @description How far a job is and, while it is pending, what is expected of it. */
        JobStatusDetails: {
            error: components["schemas"]["JobError"] | null;
            estimated_completion_at: string | null;
            estimated_duration: number | null;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            job_id: string;
            job_type: string;
            position_in_queue: number | null;
            progress: components["schemas"]["Progress"] | null;
            status: components["schemas"]["JobStatus"];
        };
        /** @description What lists tell of a job. */
        JobSummary: {
            cancel_requested_at: string | null;
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description From the latest start to the end; null before the end, or if it never started. */
            readonly duration_ms: number | null;
            error: components["schemas"]["JobError"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            idempotency_key: string | null;
            /**
             * @description It waits for others to end: its parents, or yours of its type.
             * @default false
             */
            is_held: boolean;
            /**
             * Format: uuid
             * @description The same as `id`, for clients that know it by this name.
             */
            readonly job_id: string;
            job_type: string;
            max_retries: number;
            plan_id: string | null;
            priority: number;
            progress: components["schemas"]["Progress"] | null;
            project_id: string | null;
            retry_count: number;
            /** Format: date-time */
            run_at: string;
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            trace_id: string | null;
            /** Format: date-time */
            updated_at: string;
            /** @description Null: a job of the system, which no user sees. */
            user_id: string | null;
            /** @description The name of the sleep or signal that it waits for, until `run_at` at most. */
            waiting_for?: string | null;
        };
        /** @description The figures of one job type. */
        JobTypeFigures: {
            cancelled: number;
            /** @description Whether there are more that wait than were counted. */
            capped: boolean;
            completed: number;
            crashed: number;
            /** @description Seconds that completed runs took: the median. */
            duration_p50: number | null;
            /** @description All but one in twenty took less. */
            duration_p95: number | null;
            failed: number;
            job_type: string;
            /** @description How long the oldest due job has waited. */
            oldest_pending_seconds: number | null;
            /** @description Due, and waiting for a worker. */
            pending: number;
            processing: number;
            released: number;
            retrying: number;
            /** @description Waiting for their `run_at`: for later, or again. */
            scheduled: number;
            /** @description completed / (completed + failed). */
            success_rate: number | null;
            /** @description To wait for a time or a signal. */
            suspended: number;
            /** @description Completed jobs. */
            throughput_per_minute: number;
        };
        /** @description That of one job type. */
        JobTypeScale: {
            /** @description Jobs that may start within a minute, by their type's limits. */
            due: number;
            job_type: string;
            running: number;
            /** @description (due + running) / jobs_per_worker, rounded up; in total one at least, where a schedule is due, a message is to be sent, or held jobs may go on. */
            workers: number;
        };
        /** @description In one word whether the queue does its work. */
        JobsHealth: {
            /** @description The worst first; told to those who send CRON_SECRET. */
            reasons?: components["schemas"]["HealthReason"][] | null;
            /** @enum {string} */
            status: "healthy" | "degraded" | "unhealthy";
        };
        JsonValue: unknown;
        /** @description How far a phase of the plan is, with all phases below it. */
        PhaseProgress: {
            done_weight: number;
            /** @description Its headings, the outermost first. */
            names: string[];
            path: string;
            percentage: number;
            total_weight: number;
        };
        /** @description A stored plan. */
        Plan: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            job_id: string | null;
            plan: {
                [key: string]: components["schemas"]["JsonValue"];
            };
        };
        /** @description How far a plan is; `plan_id` once it is completed. */
        PlanStatus: {
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            error: components["schemas"]["JobError"] | null;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            job_id: string;
            plan_id: string | null;
            progress: components["schemas"]["Progress"] | null;
            status: components["schemas"]["JobStatus"];
        };
        /** @description Why a request was refused. Programs compare `code`; people read `detail` and `hint`. */
        Problem: {
            code: string;
            detail: string;
            /** @default null */
            errors: components["schemas"]["FieldProblem"][] | null;
            /** @default null */
            hint: string | null;
            /**
             * @description Seconds after which it is worth asking again.
             * @default null
             */
            retry_after: number | null;
            status: number;
            title: string;
            trace_id: string;
            type: string;
        };
        /** @description How the trigger wants to be answered. */
        ProcessRequest: {
            /** @description Work for at most this long and answer with the counts, instead of 202. */
            time_budget_seconds?: number | null;
        };
        /** @description How many jobs ended which way; null while the work goes on in the background. */
        Processed: {
            settled: {
                [key: string]: number;
            } | null;
        };
        /** @description A strength trainee as the request describes them; only the goal is required. */
        ProfileSnapshot: {
            /** @description Any of: Gym, Bodyweight, Dumbbells, Barbell, Squat rack, Bench, Kettlebell, Bands, Pull-up bar, Suspension trainer, Cables, Machines; bodyweight is always there */
            equipment?: string[];
            /** @default INTERMEDIATE */
            experience?: components["schemas"]["Experience"];
            goal: components["schemas"]["StrengthGoal"];
            /** @default 60 */
            session_minutes?: number;
            training_days?: number | null;
            /** @description The weekdays to train on; by default chosen for the trainee */
            weekdays?: components["schemas"]["Weekday"][] | null;
        };
        /** @description How far a running job is. */
        Progress: {
            message: string;
            percentage: number;
            phase: string;
        };
        /** @description How far the plan was at a commit. */
        ProgressPoint: {
            commit_id: string;
            committed_at: string | null;
            /** Format: date-time */
            completed_at: string;
            percentage: number;
        };
        /** @description A repository that a user has connected, and what was found there at last. */
        Project: {
            /** @description Null: the repository's own first one. */
            branch: string | null;
            commit_id: string | null;
            committed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description Whether one for a private repository is kept. */
            has_token: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            /** @description A path, or a pattern such as `docs/**\/plan*.md`. */
            plan_path: string;
            /** @description When its plan was last read. */
            processed_at: string | null;
            progress: components["schemas"]["ProjectProgress"] | null;
            repository_url: string;
            skills_extracted_at: string | null;
            title: string | null;
            /** Format: date-time */
            updated_at: string;
        };
        /** @description What a job found to be other than before; what it has not looked at, is null. */
        ProjectChanges: {
            added?: number | null;
            completed?: number | null;
            percentage?: number | null;
            percentage_before?: number | null;
            removed?: number | null;
            reopened?: number | null;
            skills_added?: string[] | null;
            skills_removed?: string[] | null;
        };
        /** @description A project with what may be much of it. */
        ProjectDetails: {
            /** @description Null: the repository's own first one. */
            branch: string | null;
            commit_id: string | null;
            committed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description Whether one for a private repository is kept. */
            has_token: boolean;
            /** Format: uuid */
            id: string;
            name: string;
            /** @description In the order of the plan. */
            phases: components["schemas"]["PhaseProgress"][];
            /** @description A path, or a pattern such as `docs/**\/plan*.md`. */
            plan_path: string;
            /** @description When its plan was last read. */
            processed_at: string | null;
            progress: components["schemas"]["ProjectProgress"] | null;
            repository_url: string;
            skills_extracted_at: string | null;
            title: string | null;
            /** Format: date-time */
            updated_at: string;
            warnings: components["schemas"]["ProjectWarning"][];
        };
        /** @description What is to be other. What is not given stays; another repository gets no token by itself. */
        ProjectEdit: {
            /** @description By default, the repository's own first one. */
            branch?: string | null;
            name?: string | null;
            plan_path?: string | null;
            repository_url?: string | null;
            /** @description For a private repository: it is kept encrypted, and never answered. */
            token?: string | null;
        };
        /** @description A job of a project, and what it has changed. */
        ProjectJob: {
            changes: components["schemas"]["ProjectChanges"] | null;
            commit_id: string | null;
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description From its latest start to its end. */
            duration_ms: number | null;
            error: components["schemas"]["JobError"] | null;
            /** Format: uuid */
            id: string;
            job_type: string;
            progress: components["schemas"]["Progress"] | null;
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
        };
        /** @description Jobs, newest first. */
        ProjectJobPage: {
            jobs: components["schemas"]["ProjectJob"][];
        };
        /** @description Projects, newest first. */
        ProjectPage: {
            projects: components["schemas"]["Project"][];
        };
        /** @description How far a plan is, in percent of the weight of all tasks that are not dropped. */
        ProjectProgress: {
            by_state: {
                [key: string]: number;
            };
            done_weight: number;
            percentage: number;
            total_weight: number;
        };
        /** @description How far the plan is, and was: the last hundred times that it was read, the latest first. */
        ProjectProgressDetails: {
            history: components["schemas"]["ProgressPoint"][];
            phases: components["schemas"]["PhaseProgress"][];
            progress: components["schemas"]["ProjectProgress"] | null;
        };
        /**
         * @description The repository to connect.
         * @example {
         *       "name": "website",
         *       "repository_url": "https://github.com/octocat/Hello-World.git"
         *     }
         */
        ProjectRequest: {
            /** @description By default, the repository's own first one. */
            branch?: string | null;
            /** @description One project of each name. */
            name: string;
            /**
             * @description Where its plan is: a path, or a pattern such as `docs/**\/plan*.md`.
             * @default PLAN.md
             */
            plan_path?: string;
            /** @description As git clones it, with https. */
            repository_url: string;
            /** @description For a private repository: it is kept encrypted, and never answered. */
            token?: string | null;
        };
        /** @description What the code shows: a language, with its bytes and its percent of all, or a tool. */
        ProjectSkill: {
            bytes: number | null;
            confidence: number;
            evidence: components["schemas"]["Evidence"][];
            kind: string;
            name: string;
            share: number | null;
            versions: string[];
        };
        /** @description What the code shows: languages first, the largest first; then tools, the surest first. */
        ProjectSkills: {
            commit_id: string | null;
            extracted_at: string | null;
            skills: components["schemas"]["ProjectSkill"][];
        };
        /** @description A task of the plan. */
        ProjectTask: {
            due: string | null;
            estimated: boolean;
            /** @description The same while it moves, or is ticked off. */
            key: string;
            line: number;
            links: string[];
            number: string | null;
            owners: string[];
            parent_key: string | null;
            path: string;
            /** @description The headings above it, outermost first. */
            phase: string[];
            position: number;
            /** @enum {string} */
            state: "open" | "doing" | "done" | "dropped";
            text: string;
            /** @description In days, where the plan says so; else 1. */
            weight: number;
        };
        /** @description The tasks of a plan, in its order. */
        ProjectTasks: {
            tasks: components["schemas"]["ProjectTask"][];
        };
        /** @description What could not be understood, and where. */
        ProjectWarning: {
            code: string;
            line: number | null;
            message: string;
            path: string;
        };
        /** @description A registered device. */
        PushToken: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "expo" | "web";
        };
        /** @description The job that will look at what was pushed; null, if nothing was. */
        Pushed: {
            job_id: string | null;
        };
        /** @description The queue in figures: of each job type, and of all together. */
        QueueDescription: {
            job_types: components["schemas"]["JobTypeFigures"][];
            total: components["schemas"]["QueueFigures"];
            /** @description Runs are counted that ended in this time: an hour, if they are not too many. */
            window_seconds: number;
        };
        /** @description What waits and runs now, and what has ended within the description's `window_seconds`. */
        QueueFigures: {
            cancelled: number;
            /** @description Whether there are more that wait than were counted. */
            capped: boolean;
            completed: number;
            crashed: number;
            /** @description Seconds that completed runs took: the median. */
            duration_p50: number | null;
            /** @description All but one in twenty took less. */
            duration_p95: number | null;
            failed: number;
            /** @description How long the oldest due job has waited. */
            oldest_pending_seconds: number | null;
            /** @description Due, and waiting for a worker. */
            pending: number;
            processing: number;
            released: number;
            retrying: number;
            /** @description Waiting for their `run_at`: for later, or again. */
            scheduled: number;
            /** @description completed / (completed + failed). */
            success_rate: number | null;
            /** @description To wait for a time or a signal. */
            suspended: number;
            /** @description Completed jobs. */
            throughput_per_minute: number;
        };
        /** @description The workers that the backlog wants: of each job type that has jobs, and of all together. */
        QueueScale: {
            job_types: components["schemas"]["JobTypeScale"][];
            jobs_per_worker: number;
            total: components["schemas"]["Scale"];
        };
        /** @description A job that was asked for. */
        RequestedJob: {
            cancel_requested_at: string | null;
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description What of an existing job is other than was asked for now. */
            differs: ("params" | "run_at")[];
            /** @description From the latest start to the end; null before the end, or if it never started. */
            readonly duration_ms: number | null;
            error: components["schemas"]["JobError"] | null;
            /** @description Whether the job was there before the request. */
            existing: boolean;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            idempotency_key: string | null;
            /**
             * @description It waits for others to end: its parents, or yours of its type.
             * @default false
             */
            is_held: boolean;
            /**
             * Format: uuid
             * @description The same as `id`, for clients that know it by this name.
             */
            readonly job_id: string;
            job_type: string;
            max_retries: number;
            params: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            plan_id: string | null;
            priority: number;
            progress: components["schemas"]["Progress"] | null;
            project_id: string | null;
            result: components["schemas"]["JsonValue"];
            retry_count: number;
            /** Format: date-time */
            run_at: string;
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            trace_id: string | null;
            /** Format: date-time */
            updated_at: string;
            /** @description Null: a job of the system, which no user sees. */
            user_id: string | null;
            /** @description The name of the sleep or signal that it waits for, until `run_at` at most. */
            waiting_for?: string | null;
            /** @description Of an existing job. idempotency_key: a request with this key came before. active_job: it is on its way, and a user (or a project) has one of its type at a time. replaced: it has not started, and takes this request in place of the one before. */
            why: ("idempotency_key" | "active_job" | "replaced") | null;
        };
        /** @description How far the requested plan is, and whether it was on its way before. */
        RequestedPlan: {
            completed_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description What of an existing job is other than was asked for now. */
            differs: ("params" | "run_at")[];
            error: components["schemas"]["JobError"] | null;
            /** @description Whether the job was there before the request. */
            existing: boolean;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            job_id: string;
            plan_id: string | null;
            progress: components["schemas"]["Progress"] | null;
            status: components["schemas"]["JobStatus"];
            /** @description Of an existing job. idempotency_key: a request with this key came before. active_job: it is on its way, and a user (or a project) has one of its type at a time. replaced: it has not started, and takes this request in place of the one before. */
            why: ("idempotency_key" | "active_job" | "replaced") | null;
        };
        /** @description What there is to do, and how many workers for it. */
        Scale: {
            /** @description Jobs that may start within a minute, by their type's limits. */
            due: number;
            running: number;
            /** @description (due + running) / jobs_per_worker, rounded up; in total one at least, where a schedule is due, a message is to be sent, or held jobs may go on. */
            workers: number;
        };
        /** @description What is to be other. What is not given stays; so does what cannot be null. */
        ScheduleChanges: {
            catch_up?: ("none" | "one" | "all") | null;
            /** @description Minute, hour, day, month and weekday, in the local time of `time_zone`. */
            cron?: string | null;
            ends_at?: string | null;
            /** @description Instead of `cron`: seconds, counted from `starts_at`. */
            interval_seconds?: number | null;
            /** @description What is missed in a pause is not caught up with. */
            is_paused?: boolean | null;
            name?: string | null;
            overlap?: ("skip" | "queue") | null;
            params?: {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            priority?: (number | ("low" | "normal" | "high")) | null;
            project_id?: string | null;
            starts_at?: string | null;
            /** @description By its IANA name. */
            time_zone?: string | null;
            /** @description How long finished jobs are kept. */
            ttl_hours?: number | null;
        };
        /** @description A schedule and when it is due. */
        ScheduleDetails: {
            /** @enum {string} */
            catch_up: "none" | "one" | "all";
            /** Format: date-time */
            created_at: string;
            cron?: string | null;
            ends_at?: string | null;
            /** Format: uuid */
            id: string;
            interval_seconds?: number | null;
            job_type: string;
            last_job_id: string | null;
            /** @description Of the last occurrence: created, existing, skipped, missed, or the code of what refused the job. */
            last_outcome: string | null;
            last_run_at: string | null;
            name: string;
            /** @description Null: it has ended. */
            next_run_at: string | null;
            /** @description The next five; none, if it is paused or over. */
            next_times: string[];
            /** @enum {string} */
            overlap: "skip" | "queue";
            params: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            paused_at: string | null;
            priority: number;
            project_id: string | null;
            starts_at?: string | null;
            time_zone?: string | null;
            ttl_hours: number | null;
            /** Format: date-time */
            updated_at: string;
            /** @description Null: of the system, which no user sees. */
            user_id: string | null;
        };
        /** @description Schedules, newest first. */
        SchedulePage: {
            schedules: components["schemas"]["ScheduleDetails"][];
        };
        /**
         * @description What is to recur, and when: by `cron` in a `time_zone`, or every `interval_seconds`.
         * @example {
         *       "cron": "0 6 * * MON",
         *       "job_type": "training_plan",
         *       "name": "weekly plan",
         *       "params": {
         *         "athlete_profile": {
         *           "age": 35,
         *           "ftp": 265,
         *           "weight_kg": 70
         *         }
         *       },
         *       "time_zone": "Europe/Madrid"
         *     }
         */
        ScheduleRequest: {
            /**
             * @description Of those that were missed, run none, the latest one, or all: these come at once, so `overlap` has to be `queue`.
             * @default one
             * @enum {string}
             */
            catch_up?: "none" | "one" | "all";
            /** @description Minute, hour, day, month and weekday, in the local time of `time_zone`. */
            cron?: string | null;
            /** @description Not after. */
            ends_at?: string | null;
            /** @description Instead of `cron`: seconds, counted from `starts_at`. */
            interval_seconds?: number | null;
            job_type: string;
            /** @description One schedule of each name. */
            name: string;
            /**
             * @description While the last job is on its way: skip the next one, or queue it as well.
             * @default skip
             * @enum {string}
             */
            overlap?: "skip" | "queue";
            /** @default {} */
            params?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * @description 0 is the lowest. low is 2, normal 5, high 8.
             * @default 5
             */
            priority?: number | ("low" | "normal" | "high");
            project_id?: string | null;
            /** @description Not before; by default, now. */
            starts_at?: string | null;
            /** @description By its IANA name. */
            time_zone?: string | null;
            /** @description How long finished jobs are kept. */
            ttl_hours?: number | null;
        };
        /**
         * @description What the trainee wants; it decides repetitions, rest and conditioning.
         * @enum {string}
         */
        StrengthGoal: "MUSCLE_GAIN" | "FAT_LOSS" | "STRENGTH" | "GENERAL_FITNESS";
        /** @description A browser's PushSubscription, as its `toJSON()` gives it. */
        Subscription: {
            endpoint: string;
            keys: components["schemas"]["SubscriptionKeys"];
        };
        /** @description What messages to a browser are encrypted with, in base64url. */
        SubscriptionKeys: {
            auth: string;
            p256dh: string;
        };
        /** @description A job, and what it was told. */
        ToldJob: {
            /** @description Whether it had been told before: that payload counts. */
            existing: boolean;
            job: components["schemas"]["Job"];
            payload: components["schemas"]["JsonValue"];
        };
        /** @description The result, or the job that will have it. */
        ToolAnswer: {
            job: components["schemas"]["RequestedJob"] | null;
            result: components["schemas"]["JsonValue"];
        };
        /**
         * @description What a tool is called with; all but the params count only if it is queued.
         * @example {
         *       "params": {
         *         "ftp": 265
         *       }
         *     }
         */
        ToolCall: {
            params?: {
                [key: string]: components["schemas"]["JsonValue"];
            };
            /**
             * @description 0 is the lowest. low is 2, normal 5, high 8.
             * @default 5
             */
            priority?: number | ("low" | "normal" | "high");
            project_id?: string | null;
        };
        /** @description What a tool does, and the JSON Schema of its params. */
        ToolDescription: {
            description: string;
            mode: components["schemas"]["ToolMode"];
            name: string;
            params: {
                [key: string]: components["schemas"]["JsonValue"];
            };
        };
        /** @description All that may be called, by name. */
        ToolList: {
            tools: components["schemas"]["ToolDescription"][];
        };
        /**
         * @description How a tool answers: within the request, or through a job.
         * @enum {string}
         */
        ToolMode: "immediate" | "queued";
        /**
         * @description Exactly one profile, and optionally how long the plan runs and from when.
         *
         *     Field names are read in snake_case and camelCase. A profile field may also stand beside the
         *     profile, and `weeks`, `starts_on` and `time_zone` may stand inside it; what stands in both
         *     places must agree.
         */
        TrainingPlanRequest: {
            athlete_profile?: components["schemas"]["AthleteProfile"] | null;
            profile_snapshot?: components["schemas"]["ProfileSnapshot"] | null;
            /** @description Filled in by a schedule: when the plan was due, which decides what Monday is the coming one */
            scheduled_for?: string | null;
            /** @description First day of the plan; by default the coming Monday */
            starts_on?: string | null;
            /** @description Where the athlete is, which decides what day it is: America/New_York. Without it, today is what it is anywhere on Earth, and the coming Monday is that of UTC. */
            time_zone?: string | null;
            weeks?: number | null;
        };
        /** @description How many jobs of a type a user has on their way, and when one more may be asked for. */
        UserJobType: {
            job_type: string;
            /** @description For now, for later, or held. */
            pending: number;
            processing: number;
            /** @description Seconds until you may ask for one more, by the type's limits; null: now. */
            retry_after: number | null;
        };
        /** @description The jobs of a user that wait and run: of each type that may be asked for, and of all. */
        UserQueue: {
            job_types: components["schemas"]["UserJobType"][];
            pending: number;
            processing: number;
        };
        /** @description A browser that has subscribed to push messages. */
        WebDevice: {
            /** @constant */
            kind: "web";
            subscription: components["schemas"]["Subscription"];
        };
        /** @description What the forge is to be given. The secret is told this once. */
        Webhook: {
            path: string;
            secret: string;
        };
        /**
         * @description A day of the week, Monday first.
         * @enum {string}
         */
        Weekday: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
