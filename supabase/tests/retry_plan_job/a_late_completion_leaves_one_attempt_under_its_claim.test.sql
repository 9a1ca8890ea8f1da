begin;
select plan(2);

select tests.make_job('job');
update public.plan_generation_jobs set max_crashes = 1 where trace_id = 'job';
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.sweep();
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'));

select is(tests.complete('job', 'claim 1'), 'completed', 'its work is not thrown away');
select is(
  (
    select array_agg(outcome) from public.plan_job_attempts
    where job_id = (tests.job('job')).id
  ),
  array['completed'],
  'and it has not crashed'
);

select * from finish();
rollback;
