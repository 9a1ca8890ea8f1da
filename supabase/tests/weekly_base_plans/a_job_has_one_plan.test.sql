begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1', p_plan => '{}');

select throws_ok(
  $$
    insert into public.weekly_base_plans (user_id, job_id, plan)
    values (tests.id('user a'), (tests.job('job')).id, '{}')
  $$,
  'duplicate key value violates unique constraint "weekly_base_plans_one_per_job"'
);

select * from finish();
rollback;
