begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select is(tests.save_step('job', 'claim 1', 'draft', '{"weeks": 4}'), 'saved', 'the step is saved');
select results_eq(
  $$select name, output from supajobs.steps where job_id = (tests.job('job')).id$$,
  $$values ('draft', '{"weeks": 4}'::jsonb)$$,
  'under its name'
);

select * from finish();
rollback;
