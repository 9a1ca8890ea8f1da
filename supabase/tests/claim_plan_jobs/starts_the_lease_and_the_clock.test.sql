begin;
select plan(4);

insert into public.plan_job_types (job_type, lease_seconds) values ('pgtap', 40);
select tests.make_job('job');

select tests.claim('claim 1');

select is((tests.job('job')).status, 'processing', 'the job runs');
select is((tests.job('job')).worker_id, 'worker 1', 'its worker is known');
select ok(
  (tests.job('job')).started_at between now() and clock_timestamp(), 'it has started just now'
);
select is(
  (tests.job('job')).lease_expires_at - (tests.job('job')).started_at,
  interval '40 seconds',
  'the lease is as long as the type says'
);

select * from finish();
rollback;
