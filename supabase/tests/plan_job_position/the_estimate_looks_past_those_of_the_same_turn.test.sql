begin;
select plan(2);

-- A thousand jobs to a turn, of which the first thirteen and the last are there.
select tests.make_job('last');
select tests.copy_job('last', array(
  select turns.turn
  from unnest(array[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 100]) as turns (turn)
  cross join generate_series(1, 1000)
));
update public.plan_generation_jobs set turn = 100, id = supajobs.new_id()
where trace_id = 'last';

select ok(
  (tests.position('last') ->> 'position_in_queue')::integer between 90000 and 120000,
  'a hundred turns like the first ones are before it'
);

update public.plan_generation_jobs set turn = 0 where job_type = 'pgtap';

select is(
  (tests.position('last') ->> 'position_in_queue')::integer,
  10001,
  'where all have the same turn, 10,000 are counted'
);

select * from finish();
rollback;
