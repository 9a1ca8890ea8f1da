begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.violates_check(
  'weekly_base_plans_plan_is_object',
  $$
    select tests.complete('job', 'claim 1', p_plan => '[]')
  $$
);

select * from finish();
rollback;
