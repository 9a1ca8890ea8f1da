begin;
select plan(4);

insert into public.plan_job_types (job_type, max_crashes) values ('pgtap', 1);
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();
select is((tests.job('job')).status, 'failed', 'the job has failed');

select is(
  tests.complete('job', 'claim 1', '{"weeks": 4}'), 'completed', 'paid work is not thrown away'
);
select is((tests.job('job')).status, 'completed', 'the job is completed after all');
select is((tests.job('job')).error, null, 'and has no error');

select * from finish();
rollback;
