begin;
select plan(3);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
select public.enqueue_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'outline', 'ref', 'outline'
    ),
    jsonb_build_object(
      'user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'one', 'ref', 'one',
      'after', jsonb_build_array('outline')
    ),
    jsonb_build_object(
      'user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'book',
      'after', jsonb_build_object('first', 'outline', 'second', 'one')
    )
  )
);
select is(tests.claim_names('claim 1', 9), array['outline']);
select tests.complete('outline', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['one']);
select tests.complete('one', 'claim 2');
select tests.claim('claim 3');
select set_eq(
  $$
    select parent ->> 'ref' from json_array_elements(
      public.get_plan_job_parents((tests.job('book')).id, tests.id('claim 3')) -> 'parents'
    ) as parent
  $$,
  array['first', 'second']
);

select * from finish();
rollback;
