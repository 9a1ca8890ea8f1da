begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

create temp table answer as
select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
  )
) as beat;

select is((select beat #>> '{0, cancel_requested}' from answer), 'true', 'the worker is told');
select is((select beat #>> '{0, outcome}' from answer), 'held', 'the job is still its own to end');

select * from finish();
rollback;
