begin;
select plan(2);

select tests.make_job('job 1');
select tests.make_job('job 2');
select tests.make_job('job 3', p_user => 'user b');
update public.plan_generation_jobs set idempotency_key = 'key' where trace_id = 'job 1';

select throws_ok(
  $$update public.plan_generation_jobs set idempotency_key = 'key' where trace_id = 'job 2'$$,
  'duplicate key value violates unique constraint '
  '"plan_generation_jobs_one_per_idempotency_key"'
);
select lives_ok(
  $$update public.plan_generation_jobs set idempotency_key = 'key' where trace_id = 'job 3'$$,
  'another user may use the same key'
);

select * from finish();
rollback;
