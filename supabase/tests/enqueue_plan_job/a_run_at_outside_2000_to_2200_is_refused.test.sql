begin;
select plan(6);

select tests.make_job('any');

select
  tests.refuses(
    'run_at_out_of_range',
    format($$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', 5, %L)$$, run_at)
  )
from unnest(
  array['infinity', '-infinity', '0044-03-15 BC', '1999-12-31', '9999-12-31']::timestamptz[]
) as run_at;
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{}', 5, '2199-12-31'
  ) ->> 'outcome',
  'created',
  'the last day'
);

select * from finish();
rollback;
