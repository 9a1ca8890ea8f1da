begin;
select plan(5);

select tests.empty_queue();
insert into public.plan_job_types (job_type, max_crashes) values ('pgtap', 2);
select tests.make_job('job');

select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();
select is((tests.job('job')).status, 'pending', 'the first lost lease is forgiven');

select tests.claim('claim 2');
select tests.expire_lease('job');
select supajobs.sweep();
select is((tests.job('job')).status, 'failed', 'the second is the last');
select is((tests.job('job')).crash_count, 2::smallint, 'both are counted');
select is((tests.job('job')).error ->> 'code', 'worker_lost', 'the error says why');
select is(
  (tests.job('job')).expires_at - (tests.job('job')).completed_at,
  interval '72 hours',
  'the job is kept for its time to live'
);

select * from finish();
rollback;
