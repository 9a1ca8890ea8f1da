begin;
select plan(6);

select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'), 'progress', '{}'::jsonb
    )
  )
);
select tests.expire_lease('job');

select is(supajobs.sweep(), 1, 'one job is swept');
select is((tests.job('job')).status, 'pending', 'it is pending again');
select ok((tests.job('job')).run_at <= now(), 'it is due at once');
select is((tests.job('job')).crash_count, 1::smallint, 'the crash is counted');
select is((tests.job('job')).retry_count, 0::smallint, 'no retry is spent');
select is((tests.job('job')).progress, null, 'its progress is gone');

select * from finish();
rollback;
