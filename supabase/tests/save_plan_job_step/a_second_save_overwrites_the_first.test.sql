begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '1');

select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '2');

select results_eq(
  $$select output from public.plan_job_steps where job_id = (tests.job('job')).id$$,
  $$values ('2'::jsonb)$$,
  'there is one output per step, the last'
);

select * from finish();
rollback;
