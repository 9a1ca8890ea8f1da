begin;
select plan(3);

delete from supajobs.unsuccessful_attempts where true;
delete from public.plan_generation_jobs where true;
select tests.make_attempt(1);
update public.plan_generation_jobs set completed_at = now() - interval '30 minutes' where true;
select tests.make_attempt(1) from generate_series(1, 10000);
update public.plan_generation_jobs set completed_at = now() - interval '10 minutes'
where completed_at = now();
create temp table described as
select public.describe_plan_queue()::jsonb as queue;

select ok(
  (queue ->> 'window_seconds')::numeric between 600 and 660, 'as far as the latest reach'
) from described;
select is(queue #> '{total, completed}', '10000', 'the one before them is left out') from described;
select ok(
  (queue #>> '{total, throughput_per_minute}')::numeric between 900 and 1000,
  'the minutes are those ten'
) from described;

select * from finish();
rollback;
