begin;
select plan(1);

update public.plan_job_types set max_running = 1 where job_type = 'pgtap';
select tests.make_job('job ' || number) from generate_series(1, 2) as number;
select tests.claim('claim 1');

select is(
  tests.claimed_names(
    tests.advance(jsonb_build_array(tests.entry('job 1', 'claim 1')), 'claim 2', 5) -> 'claimed'
  ),
  array['job 2'],
  'the limit of its type has room for another one'
);

select * from finish();
rollback;
