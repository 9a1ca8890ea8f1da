begin;
select plan(2);

-- The user saw the job fail and asked for another run; the first worker finishes before it starts.
insert into public.plan_job_types (job_type, max_crashes) values ('pgtap', 1);
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();
select public.retry_plan_job((tests.job('job')).id, tests.id('user a'));

select lives_ok(
  $$
    create temp table answer as
    select public.complete_plan_job((tests.job('job')).id, tests.id('claim 1')) as settled
  $$,
  'the worker gets an answer'
);
select is((tests.job('job')).status, 'completed', 'nobody else has claimed the job');

select * from finish();
rollback;
