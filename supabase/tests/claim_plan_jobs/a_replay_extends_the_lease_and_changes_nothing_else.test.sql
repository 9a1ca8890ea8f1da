begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set lease_expires_at = now() + interval '1 second'
where id = (tests.job('job')).id;
create temp table before as
select to_jsonb(job) - 'lease_expires_at' as job from tests.job('job') as job;

select tests.claim('claim 1');

select results_eq(
  $$select to_jsonb(job) - 'lease_expires_at' from tests.job('job') as job$$,
  'select job from before',
  'the job is as it was'
);
select is(
  (tests.job('job')).lease_expires_at > now() + interval '30 seconds',
  true,
  'but for its lease: who asks again is alive'
);

select * from finish();
rollback;
