begin;
select plan(2);

insert into public.plan_job_types (job_type, lease_seconds, max_runtime_seconds)
values ('pgtap', 60, 300);
select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set started_at = now() - interval '361 seconds', lease_expires_at = now() + interval '5 seconds'
where trace_id = 'job';

select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
    )
  ) #>> '{0, outcome}',
  'lost',
  'past deadline and lease the worker is told to let go'
);
select is(
  (tests.job('job')).lease_expires_at,
  now() + interval '5 seconds',
  'and the lease is left to run out'
);

select * from finish();
rollback;
