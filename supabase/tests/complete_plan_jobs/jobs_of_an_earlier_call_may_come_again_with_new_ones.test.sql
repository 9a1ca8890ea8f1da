begin;
select plan(2);

select tests.make_job('told');
select tests.make_job('new');
select tests.claim('claim 1', 2);
select tests.complete('told', 'claim 1', p_plan => '{"of": "told"}');

select is(
  tests.outcomes(
    public.complete_plan_jobs(
      jsonb_build_array(
        tests.entry('told', 'claim 1', '{"plan": {"of": "told"}}'),
        tests.entry('new', 'claim 1', '{"plan": {"of": "new"}}')
      )
    )
  ),
  '{"told": "completed", "new": "completed"}',
  'both are completed'
);
select bag_eq(
  $$select plan ->> 'of' from public.weekly_base_plans where user_id = tests.id('user a')$$,
  array['told', 'new'],
  'once each'
);

select * from finish();
rollback;
