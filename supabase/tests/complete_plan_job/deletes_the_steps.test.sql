begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.save_plan_job_step((tests.job('job')).id, tests.id('claim 1'), 'draft', '{}');

select tests.complete('job', 'claim 1');

select is_empty(
  $$select 1 from supajobs.steps where job_id = (tests.job('job')).id$$,
  'nobody needs the checkpoints any more'
);

select * from finish();
rollback;
