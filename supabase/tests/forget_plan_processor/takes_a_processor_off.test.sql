begin;
select plan(3);

select tests.forget_processors();
select tests.make_processor(name) from unnest(array['one', 'two']) as name;

select is(public.forget_plan_processor('one') ->> 'outcome', 'forgotten', 'it stops');
select results_eq(
  'select worker_id from supajobs.processors', array['two'], 'and is taken off, alone'
);
select is(public.forget_plan_processor('one') ->> 'outcome', 'forgotten', 'a repeated call is one');

select * from finish();
rollback;
