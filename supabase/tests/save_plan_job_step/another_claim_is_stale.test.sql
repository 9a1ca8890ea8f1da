begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  tests.save_step('job', 'claim 2'), 'stale', 'who does not hold the job saves nothing'
);
select is_empty(
  $$select 1 from supajobs.steps where job_id = (tests.job('job')).id$$,
  'no step is there'
);

select * from finish();
rollback;
