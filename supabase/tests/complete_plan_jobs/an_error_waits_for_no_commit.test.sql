begin;
select plan(2);

select tests.make_store();
select tests.make_job('first');
select tests.make_job('second');
select tests.claim('claim 1', 2);

select results_eq(
  $$
    select answer ->> 'outcome'
    from json_array_elements(
      public.complete_plan_jobs(
        jsonb_build_array(
          tests.entry('first', 'claim 1', '{"store": {"title": "Fox"}}'),
          tests.entry('second', 'claim 1', '{"store": {"title": "Fox"}}')
        )
      )
    ) as answer
    order by 1
  $$,
  array['completed', 'failed'],
  'that a constraint is deferred spares nobody'
);
set constraints all immediate;
select is((select count(*) from app.stories), 1::bigint, 'and what is committed is well');

select * from finish();
rollback;
