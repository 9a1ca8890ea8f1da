begin;
select plan(12);

insert into public.plan_job_types (job_type) values ('pgtap');

select tests.violates_check(
  'plan_job_types_max_retries_in_range',
  $$update public.plan_job_types set max_retries = 101 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_max_crashes_in_range',
  $$update public.plan_job_types set max_crashes = 0 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_backoff_grows',
  $$
    update public.plan_job_types
    set backoff_base_seconds = 10, backoff_cap_seconds = 9 where job_type = 'pgtap'
  $$
);
select tests.violates_check(
  'plan_job_types_lease_in_range',
  $$update public.plan_job_types set lease_seconds = 0 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_max_runtime_in_range',
  $$update public.plan_job_types set max_runtime_seconds = 86401 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_ttl_in_range',
  $$update public.plan_job_types set ttl_hours = 169 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_dedupe_by_known',
  $$update public.plan_job_types set dedupe_by = 'team' where job_type = 'pgtap'$$
);

select tests.violates_check(
  'plan_job_types_enqueue_limit_whole',
  $$update public.plan_job_types set max_enqueues = 1 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_enqueue_limit_in_range',
  $$
    update public.plan_job_types
    set max_enqueues = 1, enqueue_window_seconds = 3601 where job_type = 'pgtap'
  $$
);

select tests.violates_check(
  'plan_job_types_max_running_not_negative',
  $$update public.plan_job_types set max_running = -1 where job_type = 'pgtap'$$
);
select tests.violates_check(
  'plan_job_types_max_cost_not_negative',
  $$
    update public.plan_job_types set max_cost_per_user_month = -0.01 where job_type = 'pgtap'
  $$
);
select tests.violates_check(
  'plan_job_types_starts_per_minute_not_negative',
  $$update public.plan_job_types set starts_per_minute = -1 where job_type = 'pgtap'$$
);

select * from finish();
rollback;
