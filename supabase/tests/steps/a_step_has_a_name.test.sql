begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.violates_check(
  'steps_name_not_empty',
  $$select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), '', '{}')$$
);

select * from finish();
rollback;
