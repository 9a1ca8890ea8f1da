begin;
select plan(7);

create function pg_temp.copy_job(p_name text, p_times integer) returns void
language sql
as $$
  insert into public.plan_generation_jobs (
    user_id, job_type, turn, run_at, max_retries, max_crashes, backoff_base_seconds,
    backoff_cap_seconds, lease_seconds, max_runtime_seconds, ttl_hours
  )
  select
    job.user_id,
    job.job_type,
    job.turn + number as turn,
    job.run_at,
    job.max_retries,
    job.max_crashes,
    job.backoff_base_seconds,
    job.backoff_cap_seconds,
    job.lease_seconds,
    job.max_runtime_seconds,
    job.ttl_hours
  from tests.job(p_name) as job, generate_series(1, p_times) as number
$$;

select tests.calm_queue();
select tests.make_job('job');
select tests.make_job('of another type', p_job_type => 'pgtap 2');
select tests.make_job('for later', p_run_at => now() + interval '1 day');

select pg_temp.copy_job('job', 99998);
select is(tests.figures() -> 'pending', '99999', 'all are counted');
select is(tests.figures() -> 'capped', 'false', 'and so it says');

select pg_temp.copy_job('job', 2);
select is(tests.figures() -> 'pending', '100000', 'no more than a hundred thousand');
select is(tests.figures() -> 'capped', 'true', 'there are more');
select is(tests.figures('pgtap 2') -> 'capped', 'false', 'not of the other type');

select pg_temp.copy_job('for later', 10000);
select is(tests.figures() -> 'scheduled', '10000', 'of those for later, ten thousand');
select is(tests.figures('pgtap 2') -> 'capped', 'true', 'there may be more of any type');

select * from finish();
rollback;
