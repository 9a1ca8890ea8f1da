-- The words of the tests. Loaded once before them: by tests/test_pgtap.py, or by pg_prove, which
-- runs this file first for its name. A job in the tests goes by its trace_id.
begin;
create extension if not exists pgtap with schema extensions;
create schema if not exists tests;
grant usage on schema tests to anon, authenticated, service_role;

-- The id of the user, project or claim of this name.
create or replace function tests.id(p_name text) returns uuid
language sql
immutable
set search_path = ''
as $$
  select md5(p_name)::uuid
$$;

create or replace function tests.make_user(p_name text) returns uuid
language sql
set search_path = ''
as $$
  insert into auth.users (id) select tests.id(p_name) where p_name is not null
  on conflict do nothing;
  select tests.id(p_name)
$$;

-- A pending job, with a null for the user one of the system. Its type is made with the
-- default limits where there is none of that name.
create or replace function tests.make_job(
  p_name text,
  p_user text default 'user a',
  p_job_type text default 'pgtap',
  p_priority integer default 5,
  p_run_at timestamptz default null
) returns uuid
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  insert into public.plan_job_types (job_type) values (p_job_type) on conflict do nothing;
  select (
    public.enqueue_plan_job(
      tests.id(p_user), p_job_type, '{}', p_priority, p_run_at, p_trace_id => p_name
    ) #>> '{job, id}'
  )::uuid
$$;

-- The same with a key for the provider, which its type then allows.
create or replace function tests.make_job_with_key(
  p_name text, p_key text, p_user text default 'user a', p_job_type text default 'pgtap'
) returns uuid
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  insert into public.plan_job_types (job_type, allows_provider_key) values (p_job_type, true)
  on conflict (job_type) do update set allows_provider_key = true;
  select (
    public.enqueue_plan_job(
      tests.id(p_user), p_job_type, '{}', p_trace_id => p_name, p_provider_key => p_key
    ) #>> '{job, id}'
  )::uuid
$$;

-- A job that waits for these.
create or replace function tests.make_child(
  p_name text,
  p_parents text[],
  p_on_parent_failure text default 'cancel',
  p_user text default 'user a',
  p_job_type text default 'pgtap'
) returns uuid
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  insert into public.plan_job_types (job_type) values (p_job_type) on conflict do nothing;
  select (
    public.enqueue_plan_job(
      tests.id(p_user), p_job_type, '{}', p_trace_id => p_name,
      p_after => (
        select jsonb_object_agg(parent.name, job.id)
        from unnest(p_parents) as parent (name)
        inner join public.plan_generation_jobs as job on parent.name = job.trace_id
      ),
      p_on_parent_failure => p_on_parent_failure
    ) #>> '{job, id}'
  )::uuid
$$;

-- A debounced request, by the name that the job then has; of a type with one job per user. Answers
-- what enqueue_plan_job does.
create or replace function tests.debounce(
  p_name text,
  p_params jsonb default '{}',
  p_seconds double precision default 60,
  p_max_seconds double precision default null,
  p_key text default null,
  p_user text default 'user a'
) returns json
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  insert into public.plan_job_types (job_type, dedupe_by) values ('newest', 'user')
  on conflict do nothing;
  select public.enqueue_plan_job(
    tests.id(p_user), 'newest', p_params, p_trace_id => p_name, p_idempotency_key => p_key,
    p_debounce_seconds => p_seconds, p_debounce_max_seconds => p_max_seconds
  )
$$;

-- The time that these jobs wait for has come.
create or replace function tests.bring_forward(variadic p_names text[]) returns void
language sql
set search_path = ''
as $$
  update public.plan_generation_jobs set run_at = now() - interval '1 second'
  where trace_id = any(p_names)
$$;

-- A function of the project's own, app.store_story, that stores what jobs of this type come to; a
-- story is a job's id and a title.
create or replace function tests.make_store(
  p_body text default 'return null;', p_job_type text default 'pgtap'
) returns void
language plpgsql
set search_path = ''
as $$
begin
  create schema if not exists app;
  grant usage on schema app to service_role;
  create table if not exists app.stories (
    job_id uuid, title text not null unique deferrable initially deferred
  );
  grant select, insert on app.stories to service_role;
  execute format(
    'create or replace function app.store_story(p_job jsonb, p_store jsonb) returns jsonb '
    'language plpgsql as %L',
    'begin insert into app.stories values ((p_job ->> ''id'')::uuid, p_store ->> ''title''); '
    || p_body || ' end'
  );
  revoke execute on function app.store_story from public, anon, authenticated;
  grant execute on function app.store_story to service_role;
  insert into public.plan_job_types (job_type, stored_by) values (p_job_type, 'app.store_story')
  on conflict (job_type) do update set stored_by = excluded.stored_by;
end
$$;

create or replace function tests.job(p_name text) returns public.plan_generation_jobs
language sql
stable
set search_path = ''
as $$
  select * from public.plan_generation_jobs where trace_id = p_name
$$;

-- A job like this one for each turn; without a name.
create or replace function tests.copy_job(p_name text, p_turns bigint[]) returns void
language sql
set search_path = ''
as $$
  insert into public.plan_generation_jobs
  select copied.*
  from tests.job(p_name) as job
  cross join unnest(p_turns) as at
  cross join lateral jsonb_populate_record(
    job, jsonb_build_object('id', supajobs.new_id(), 'turn', at, 'trace_id', null)
  ) as copied
$$;

-- The key that is kept for a job.
create or replace function tests.key(p_job text) returns text
language sql
stable
set search_path = ''
as $$
  select ciphertext from supajobs.provider_keys where job_id = (tests.job(p_job)).id
$$;

create or replace function tests.attempt(p_job text, p_claim text) returns public.plan_job_attempts
language sql
stable
set search_path = ''
as $$
  select * from public.plan_job_attempts
  where job_id = (tests.job(p_job)).id and claim_id = tests.id(p_claim)
$$;

-- Claims jobs of one type, so that jobs which others left in the database do not come in.
create or replace function tests.claim(
  p_claim text, p_max_jobs integer default 1, p_job_type text default 'pgtap'
) returns jsonb
language sql
set search_path = ''
as $$
  select public.claim_plan_jobs(tests.id(p_claim), 'worker 1', p_max_jobs, array[p_job_type])::jsonb
$$;

-- The ends of an attempt; each answers the outcome.
create or replace function tests.complete(
  p_job text,
  p_claim text,
  p_result jsonb default null,
  p_plan jsonb default null,
  p_usage jsonb default null,
  p_store jsonb default null
) returns text
language sql
set search_path = ''
as $$
  select public.complete_plan_job(
    (tests.job(p_job)).id, tests.id(p_claim), p_result, p_plan, p_usage, p_store
  ) ->> 'outcome'
$$;

create or replace function tests.fail(
  p_job text,
  p_claim text,
  p_error jsonb default '{}',
  p_retryable boolean default true,
  p_retry_after double precision default null,
  p_usage jsonb default null
) returns text
language sql
set search_path = ''
as $$
  select public.fail_plan_job(
    (tests.job(p_job)).id, tests.id(p_claim), p_error, p_retryable, p_retry_after, p_usage
  ) ->> 'outcome'
$$;

create or replace function tests.release(
  p_job text, p_claim text, p_usage jsonb default null
) returns text
language sql
set search_path = ''
as $$
  select public.release_plan_job((tests.job(p_job)).id, tests.id(p_claim), p_usage) ->> 'outcome'
$$;

-- A user's project of this name; answers the outcome.
create or replace function tests.make_project(
  p_name text, p_more jsonb default '{}', p_user text default 'user a'
) returns text
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  select public.create_plan_project(
    tests.id(p_user),
    jsonb_build_object('name', p_name, 'repository_url', 'https://example.com/' || p_name)
    || p_more
  ) ->> 'outcome'
$$;

create or replace function tests.project(p_name text) returns public.plan_projects
language sql
stable
set search_path = ''
as $$
  select * from public.plan_projects where name = p_name
$$;

-- A job of a project's user that a worker runs, under the claim of the job's name.
create or replace function tests.run_project_job(
  p_name text, p_project text, p_user text default 'user a'
) returns void
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  select public.enqueue_plan_job(
    tests.id(p_user), 'project_processing', '{}', p_trace_id => p_name,
    p_project_id => (tests.project(p_project)).id
  );
  select tests.claim(p_name, 1, 'project_processing')
$$;

-- What such a job hands in: the plan's tasks, each {key, text, state}, and the skills' names.
create or replace function tests.complete_project_job(
  p_name text, p_project text, p_tasks jsonb default null, p_skills text[] default null
) returns text
language sql
set search_path = ''
as $$
  select tests.complete(
    p_name,
    p_name,
    p_store => jsonb_build_object(
      'source', (
        select jsonb_build_object(
          'repository_url', repository_url, 'branch', branch, 'plan_path', plan_path
        )
        from tests.project(p_project)
      ),
      'commit_id', md5(p_name),
      'committed_at', now()
    ) || case when p_tasks is null then '{}' else jsonb_build_object(
      'plan', jsonb_build_object(
        'title', 'A plan',
        'progress', '{"percentage": 50}'::jsonb,
        'warnings', '[]'::jsonb,
        'tasks', (
          select coalesce(
            jsonb_agg('{"position": 0, "path": "PLAN.md", "line": 1, "weight": 1}' || task.value),
            '[]'
          )
          from jsonb_array_elements(p_tasks) as task
        )
      )
    ) end || case when p_skills is null then '{}' else jsonb_build_object(
      'skills', (
        select coalesce(
          jsonb_agg(jsonb_build_object('kind', 'language', 'name', skill.name)), '[]'
        )
        from unnest(p_skills) as skill (name)
      )
    ) end
  )
$$;

-- Tells a job of user a what it waits for; answers the outcome.
create or replace function tests.signal(
  p_job text, p_payload jsonb default '{}', p_name text default 'approval'
) returns text
language sql
set search_path = ''
as $$
  select public.signal_plan_job(
    (tests.job(p_job)).id, (tests.job(p_job)).user_id, p_name, p_payload
  ) ->> 'outcome'
$$;

-- What the handler of a running job finds.
create or replace function tests.found(p_job text, p_claim text) returns jsonb
language sql
stable
set search_path = ''
as $$
  select public.get_plan_job_steps((tests.job(p_job)).id, tests.id(p_claim))::jsonb
$$;

-- The time that a job waits for is over, since a second ago.
create or replace function tests.end_wait(p_job text, p_name text default 'approval') returns void
language sql
set search_path = ''
as $$
  update supajobs.waits set until = clock_timestamp() - interval '1 second'
  where job_id = (tests.job(p_job)).id and name = p_name;
  update public.plan_generation_jobs set run_at = clock_timestamp() - interval '1 second'
  where trace_id = p_job and status = 'pending' and waiting_for = p_name
$$;

create or replace function tests.save_step(
  p_job text,
  p_claim text,
  p_name text default 'draft',
  p_output jsonb default '{}',
  p_usage jsonb default null
) returns text
language sql
set search_path = ''
as $$
  select public.save_plan_job_step(
    (tests.job(p_job)).id, tests.id(p_claim), p_name, p_output, p_usage
  ) ->> 'outcome'
$$;

-- The month that the ledger calls this one.
create or replace function tests.this_month() returns date
language sql
stable
set search_path = ''
as $$
  select date_trunc('month', now() at time zone 'utc')::date
$$;

-- An entry in the ledger, of a job of user a that is gone.
create or replace function tests.make_cost(
  p_job_type text,
  p_month date,
  p_cost_usd numeric,
  p_input_tokens bigint default null,
  p_output_tokens bigint default null
) returns void
language sql
set search_path = ''
as $$
  insert into public.plan_job_costs (
    job_id, claim_id, started_at, user_id, job_type, month, input_tokens, output_tokens, cost_usd
  )
  values (
    gen_random_uuid(), gen_random_uuid(), now(), tests.make_user('user a'), p_job_type, p_month,
    p_input_tokens, p_output_tokens, p_cost_usd
  )
$$;

-- What a user's attempts have cost, as the ledger has it for their jobs of one type this month.
create or replace function tests.cost(
  p_user text default 'user a', p_job_type text default 'pgtap'
) returns public.plan_user_costs
language sql
stable
set search_path = ''
as $$
  select * from public.plan_user_costs
  where
    user_id = tests.id(p_user)
    and job_type = p_job_type
    and month = tests.this_month()
$$;

-- What a settle of several jobs is told about one of them.
create or replace function tests.entry(
  p_job text, p_claim text, p_more jsonb default '{}'
) returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'job_id', coalesce((tests.job(p_job)).id, tests.id(p_job)), 'claim_id', tests.id(p_claim)
  ) || p_more
$$;

-- Suspends an attempt: p_kind is sleep, signal or snooze.
create or replace function tests.suspend(
  p_job text,
  p_claim text,
  p_kind text default 'signal',
  p_name text default 'approval',
  p_seconds double precision default 3600,
  p_usage jsonb default null
) returns text
language sql
set search_path = ''
as $$
  select public.suspend_plan_jobs(
    jsonb_build_array(
      tests.entry(
        p_job,
        p_claim,
        jsonb_build_object(
          'kind', p_kind, 'name', p_name, 'seconds', p_seconds, 'usage', p_usage
        )
      )
    )
  ) -> 0 ->> 'outcome'
$$;

-- What such a settle answered, as {job: outcome}.
create or replace function tests.outcomes(p_answers json) returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_object_agg(coalesce(job.trace_id, 'unheard of'), answer ->> 'outcome')
  from json_array_elements(p_answers) as answer
  left join public.plan_generation_jobs as job on (answer ->> 'job_id')::uuid = job.id
$$;

-- Completes the entries and claims, as one call.
create or replace function tests.advance(
  p_entries jsonb, p_claim text, p_max_jobs integer default 1
) returns jsonb
language sql
set search_path = ''
as $$
  select public.advance_plan_jobs(
    p_entries, tests.id(p_claim), 'worker 1', p_max_jobs, array['pgtap']
  )::jsonb
$$;

-- The names of these claimed jobs.
create or replace function tests.claimed_names(p_claimed jsonb) returns text[]
language sql
immutable
set search_path = ''
as $$
  select array(select job ->> 'trace_id' from jsonb_array_elements(p_claimed) as job)
$$;

-- The names of the jobs that a claim takes, in its order.
create or replace function tests.claim_names(
  p_claim text, p_max_jobs integer default 1, p_job_type text default 'pgtap'
) returns text[]
language sql
set search_path = ''
as $$
  select tests.claimed_names(tests.claim(p_claim, p_max_jobs, p_job_type))
$$;

create or replace function tests.position(p_job text) returns jsonb
language sql
stable
set search_path = ''
as $$
  select public.plan_job_position((tests.job(p_job)).id)::jsonb
$$;

-- The job as somebody has seen it who asks later what has changed.
create or replace function tests.seen(p_job text) returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object((tests.job(p_job)).id, (tests.job(p_job)).updated_at)
$$;

-- What the description of the queue says about one type.
create or replace function tests.figures(p_job_type text default 'pgtap') returns jsonb
language sql
stable
set search_path = ''
as $$
  select figures::jsonb
  from json_array_elements(public.describe_plan_queue() -> 'job_types') as figures
  where figures ->> 'job_type' = p_job_type
$$;

-- What is wrong with the queue, the worst first: 'unhealthy: nobody_claims', and so on.
create or replace function tests.troubles() returns text[]
language sql
stable
set search_path = ''
as $$
  select array(
    select format('%s: %s', reason ->> 'status', reason ->> 'code')
    from json_array_elements(public.check_plan_queue() -> 'reasons') as reason
    where reason ->> 'code' <> 'dead_tuples' -- other tests may leave many
  )
$$;

-- The job was requested, and due, this long ago.
create or replace function tests.make_older(p_job text, p_age interval) returns void
language sql
set search_path = ''
as $$
  update public.plan_generation_jobs
  set created_at = now() - p_age, run_at = now() - p_age, updated_at = now() - p_age
  where trace_id = p_job
$$;

-- An attempt that has just ended: of a job that is gone, unless it has completed.
create or replace function tests.make_attempt(
  p_seconds double precision, p_outcome text default 'completed', p_job_type text default 'pgtap'
) returns void
language sql
set search_path = ''
as $$
  insert into supajobs.unsuccessful_attempts (
    job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at, retry_at
  )
  select
    supajobs.new_id(), gen_random_uuid(), p_job_type, 'worker 1', p_outcome,
    now() - make_interval(secs => p_seconds), now(), case when p_outcome in ('retrying', 'suspended') then now() end
  where p_outcome <> 'completed';
  insert into public.plan_generation_jobs (
    user_id, job_type, status, claim_id, worker_id, started_at, completed_at, expires_at,
    max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds, lease_seconds,
    max_runtime_seconds, ttl_hours
  )
  select
    tests.make_user('user a'), p_job_type, 'completed', gen_random_uuid(), 'worker 1',
    now() - make_interval(secs => p_seconds), now(), 'infinity', 3, 3, 5, 900, 60, 900, 72
  where p_outcome = 'completed'
$$;

-- Sweeps, whenever the last sweep was, and as if that had been a fast one.
create or replace function tests.sweep() returns integer
language sql
set search_path = ''
as $$
  update supajobs.sweeps set swept_at = '-infinity', pause = interval '1 second'
  where true;
  select supajobs.sweep()
$$;

-- The next sweep is not due for a while.
create or replace function tests.put_off_sweep() returns void
language sql
set search_path = ''
as $$
  update supajobs.sweeps set swept_at = clock_timestamp() + interval '1 hour'
  where true
$$;

-- The lease of a running job runs out, and the next sweep is due.
create or replace function tests.expire_lease(p_job text) returns void
language sql
set search_path = ''
as $$
  update public.plan_generation_jobs
  set lease_expires_at = clock_timestamp() - interval '1 second'
  where trace_id = p_job;
  update supajobs.sweeps set swept_at = '-infinity' where true
$$;

create or replace function tests.empty_queue() returns void
language sql
set search_path = ''
as $$
  delete from public.plan_generation_jobs where true
$$;

-- Nothing waits or runs, and somebody claimed a minute ago.
create or replace function tests.calm_queue() returns void
language sql
set search_path = ''
as $$
  select tests.empty_queue();
  -- Processors of other tests do not know these job types; what is left of them says nothing.
  update supajobs.processors set job_types = null where true;
  update supajobs.sweeps set swept_at = now() - interval '1 minute' where true
$$;

-- No notifications, and no devices, that other tests have left.
create or replace function tests.empty_outbox() returns void
language sql
set search_path = ''
as $$
  delete from supajobs.notifications where true;
  delete from public.plan_push_tokens where true
$$;

-- What the outbox has of a job, the first end first: {job.failed, job.completed}.
create or replace function tests.notifications(p_job text) returns text[]
language sql
stable
set search_path = ''
as $$
  select array(
    select event from supajobs.notifications
    where job_id = (tests.job(p_job)).id
    order by id
  )
$$;

-- A device of a user, whose token is its name.
create or replace function tests.register(
  p_device text, p_user text default 'user a', p_kind text default 'expo'
) returns json
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  select public.register_plan_push_token(
    tests.id(p_user), p_kind, p_device,
    case p_kind when 'web' then 'a key' end, case p_kind when 'web' then 'a secret' end
  )
$$;

create or replace function tests.device(p_device text) returns public.plan_push_tokens
language sql
stable
set search_path = ''
as $$
  select * from public.plan_push_tokens where token = p_device
$$;

-- A notification that a user has coming, of a job that goes by this name and need not be there.
create or replace function tests.make_notification(
  p_job text, p_user text default 'user a', p_age interval default '0 s'
) returns void
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  insert into supajobs.notifications (job_id, user_id, job_type, event, occurred_at)
  values (tests.id(p_job), tests.id(p_user), 'pgtap', 'job.completed', now() - p_age)
$$;

-- Addresses what waits, for all channels.
create or replace function tests.address() returns json
language sql
set search_path = ''
as $$
  select public.address_plan_job_notifications(array['expo', 'web', 'webhook'])
$$;

-- The delivery of a notification by this channel, of which there is one.
create or replace function tests.delivery(
  p_job text, p_channel text default 'webhook'
) returns supajobs.deliveries
language sql
stable
set search_path = ''
as $$
  select delivery.* from supajobs.deliveries as delivery
  inner join supajobs.notifications as notification
    on delivery.notification_id = notification.id
  where notification.job_id = tests.id(p_job) and delivery.channel = p_channel
$$;

-- What a claim of deliveries takes.
create or replace function tests.claim_deliveries(
  p_claim text,
  p_channel text default 'webhook',
  p_max_deliveries integer default 50,
  p_lease_seconds double precision default 60
) returns jsonb
language sql
set search_path = ''
as $$
  select public.claim_plan_job_deliveries(
    tests.id(p_claim), p_channel, p_max_deliveries, p_lease_seconds
  )::jsonb
$$;

-- Settles one delivery; answers the outcome.
create or replace function tests.settle_delivery(
  p_job text,
  p_claim text,
  p_outcome text,
  p_channel text default 'webhook',
  p_more jsonb default '{}'
) returns text
language sql
set search_path = ''
as $$
  select public.settle_plan_job_deliveries(
    tests.id(p_claim),
    jsonb_build_array(
      jsonb_build_object('id', (tests.delivery(p_job, p_channel)).id, 'outcome', p_outcome) || p_more
    )
  ) -> 0 ->> 'outcome'
$$;

-- The next attempt at a delivery is due, or the lease of its claim is over.
create or replace function tests.make_due(p_job text, p_channel text default 'webhook') returns void
language sql
set search_path = ''
as $$
  update supajobs.deliveries set run_at = clock_timestamp()
  where id = (tests.delivery(p_job, p_channel)).id
$$;

-- The schedules, made this long ago, with the secrets that they need, and no runs or calls yet.
create or replace function tests.schedule(
  p_schedule text default '30 seconds', p_age interval default '1 day'
) returns void
language sql
set search_path = ''
as $$
  delete from vault.secrets where name like 'supajobs%';
  select vault.create_secret('https://app.example/v1/queue/process', 'supajobs_process_url');
  select vault.create_secret('open sesame', 'supajobs_cron_secret');
  select public.schedule_plan_job_processing(p_schedule);
  update supajobs.trigger_schedules set scheduled_at = now() - p_age where true;
  delete from cron.job_run_details where true;
  delete from supajobs.trigger_calls where true
$$;

-- pg_cron has run a schedule this long ago.
create or replace function tests.run(
  p_age interval,
  p_status text default 'succeeded',
  p_message text default 'SELECT 1',
  p_name text default 'supajobs_process'
) returns void
language sql
set search_path = ''
as $$
  insert into cron.job_run_details (jobid, status, return_message, start_time)
  select jobid, p_status, p_message, now() - p_age from cron.job where jobname = p_name
$$;

-- And both of them, well, just now.
create or replace function tests.run_all() returns void
language sql
set search_path = ''
as $$
  select tests.run('1 second', p_name => name)
  from unnest(array['supajobs_process', 'supajobs_cleanup']) as name
$$;

-- The schedule has called the processor this long ago; with a status or an error, it was answered.
create or replace function tests.call_processor(
  p_age interval,
  p_status integer default null,
  p_error text default null,
  p_timed_out boolean default null
) returns void
language sql
set search_path = ''
as $$
  with called as (
    insert into supajobs.trigger_calls (request_id, called_at)
    select coalesce(max(request_id), 1000000) + 1, now() - p_age from supajobs.trigger_calls
    returning *
  )

  insert into net._http_response (id, status_code, error_msg, timed_out, created)
  select request_id, p_status, p_error, p_timed_out, called_at + interval '100 milliseconds'
  from called
  where coalesce(p_status::text, p_error) is not null
$$;

-- What is told of a schedule.
create or replace function tests.trigger(p_name text default 'supajobs_process') returns jsonb
language sql
stable
set search_path = ''
as $$
  select schedule::jsonb
  from json_array_elements(public.describe_plan_triggers() -> 'schedules') as schedule
  where schedule ->> 'name' = p_name
$$;

-- A processor that was last seen this long ago.
create or replace function tests.make_processor(
  p_worker_id text, p_age interval default '0 s'
) returns void
language sql
set search_path = ''
as $$
  insert into supajobs.processors (
    worker_id, version, concurrency, running, started_at, seen_at
  )
  values (p_worker_id, '1.2.3', 10, 4, now() - interval '2 days', now() - p_age)
$$;

-- No processors that other tests have left.
create or replace function tests.forget_processors() returns void
language sql
set search_path = ''
as $$
  delete from supajobs.processors where true
$$;

-- The limits that claims of these types look at: {type: max_running}.
create or replace function tests.limits(variadic p_job_types text[]) returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_object_agg(job_type, max_running) from public.plan_job_types
  where job_type = any(p_job_types)
$$;

-- What follows runs as this user, until "reset role".
create or replace function tests.sign_in(p_user text) returns void
language sql
set search_path = ''
as $$
  select
    set_config('role', 'authenticated', true),
    set_config(
      'request.jwt.claims',
      jsonb_build_object('role', 'authenticated', 'sub', tests.id(p_user))::text,
      true
    )
$$;

-- A schedule of a user, with a null that of the system; due since a minute ago, unless told
-- otherwise. Its type is made where there is none. Answers the outcome.
create or replace function tests.make_recurring(
  p_name text, p_user text default 'user a', p_more jsonb default '{}'
) returns text
language sql
set search_path = ''
as $$
  select tests.make_user(p_user);
  insert into public.plan_job_types (job_type) values ('pgtap') on conflict do nothing;
  select public.create_plan_job_schedule(
    tests.id(p_user),
    jsonb_build_object(
      'name', p_name, 'job_type', 'pgtap', 'cron', '0 * * * *', 'time_zone', 'UTC',
      'next_run_at', now() - interval '1 minute', 'period_seconds', 3600
    ) || p_more
  ) ->> 'outcome'
$$;

create or replace function tests.recurring(p_name text) returns public.plan_job_schedules
language sql
stable
set search_path = ''
as $$
  select * from public.plan_job_schedules where name = p_name
$$;

-- What run_plan_job_schedules is told of a schedule: this many occurrences, the last of them now,
-- and the next one in an hour.
create or replace function tests.run_of(p_name text, p_occurrences integer default 1) returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'schedule_id', schedule.id,
    'expected_run_at', schedule.next_run_at,
    'occurrences', array(
      select schedule.next_run_at - make_interval(secs => p_occurrences - number)
      from generate_series(1, p_occurrences) as number
    ),
    'next_run_at', schedule.next_run_at + interval '1 hour',
    'period_seconds', schedule.period_seconds
  )
  from tests.recurring(p_name) as schedule
$$;

-- Takes one schedule; answers the outcome.
create or replace function tests.take(p_name text, p_occurrences integer default 1) returns text
language sql
set search_path = ''
as $$
  select public.run_plan_job_schedules(jsonb_build_array(tests.run_of(p_name, p_occurrences)))
    -> 0 ->> 'outcome'
$$;

-- The schedule is due again, since a minute ago.
create or replace function tests.make_due_again(p_name text) returns void
language sql
set search_path = ''
as $$
  update public.plan_job_schedules set next_run_at = now() - interval '59 seconds'
  where name = p_name
$$;

-- The jobs of the type pgtap, in the order of their requests.
create or replace function tests.params_of_jobs() returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(job.params order by job.id), '[]')
  from public.plan_generation_jobs as job
  where job.job_type = 'pgtap'
$$;

-- An assertion: the statement breaks this check constraint. Without a search_path of its own, as
-- those of pgTAP.
create or replace function tests.violates_check(
  p_constraint text, p_statement text
) returns setof text
language sql
as $$
  select throws_ok(
    p_statement,
    '23514',
    format(
      'new row for relation "%s" violates check constraint "%s"',
      (select relname from pg_class where oid = conrelid), conname
    ),
    p_constraint
  )
  from pg_constraint
  where conname = p_constraint
$$;

-- An assertion: the statement is refused with this detail, which tells clients why.
create or replace function tests.refuses(p_detail text, p_statement text) returns text
language plpgsql
as $$
declare
  v_detail text;
begin
  execute p_statement;
  return fail(p_detail || ': was let through');
exception when sqlstate 'PT422' then
  get stacked diagnostics v_detail = pg_exception_detail;
  return is(v_detail, p_detail, p_detail);
end
$$;

select plan(1);
select pass('the fixtures are loaded');
select * from finish();
commit;
