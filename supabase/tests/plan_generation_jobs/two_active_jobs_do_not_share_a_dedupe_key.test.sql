begin;
select plan(2);

select tests.make_job('job 1');
select tests.make_job('job 2');
update public.plan_generation_jobs set dedupe_key = 'key' where trace_id = 'job 1';

select throws_ok(
  $$update public.plan_generation_jobs set dedupe_key = 'key' where trace_id = 'job 2'$$,
  'duplicate key value violates unique constraint '
  '"plan_generation_jobs_one_active_per_dedupe_key"'
);

select public.cancel_plan_job((tests.job('job 1')).id, tests.id('user a'));
select lives_ok(
  $$update public.plan_generation_jobs set dedupe_key = 'key' where trace_id = 'job 2'$$,
  'a job that has ended leaves its key to the next'
);

select * from finish();
rollback;
