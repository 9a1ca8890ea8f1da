begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set lease_expires_at = now() + interval '1 second' where trace_id = 'job';

create temp table answer as
select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
  )
) as beat;

select is((select beat #>> '{0, outcome}' from answer), 'held', 'the job is held');
select is(
  (select beat #>> '{0, job_id}' from answer), (tests.job('job')).id::text, 'it is named'
);
select ok(
  (tests.job('job')).lease_expires_at
  between now() + interval '60 seconds' and clock_timestamp() + interval '60 seconds',
  'its lease is whole again'
);

select * from finish();
rollback;
