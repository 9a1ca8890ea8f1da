begin;
select plan(1);

select tests.make_job('last');
select tests.copy_job('last', array(select number / 2 from generate_series(0, 12999) as number));
update public.plan_generation_jobs set turn = 6500 where trace_id = 'last';

select ok(
  (tests.position('last') ->> 'position_in_queue')::integer between 12900 and 13100,
  'within a hundredth where the turns are alike'
);

select * from finish();
rollback;
