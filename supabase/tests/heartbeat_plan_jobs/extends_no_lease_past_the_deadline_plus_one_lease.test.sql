begin;
select plan(1);

insert into public.plan_job_types (job_type, lease_seconds, max_runtime_seconds)
values ('pgtap', 60, 300);
select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set started_at = now() - interval '320 seconds' where trace_id = 'job';

select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
  )
);

select is(
  (tests.job('job')).lease_expires_at,
  now() + interval '40 seconds',
  'twenty seconds after its deadline the job gets the forty that are left'
);

select * from finish();
rollback;
