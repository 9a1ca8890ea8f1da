begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', 'draft', '1');
select tests.release('job', 'claim 1');
select tests.claim('claim 2');

select is(
  tests.save_step('job', 'claim 2', 'draft', '2'),
  'saved',
  'steps belong to the job, not to a claim'
);
select results_eq(
  $$select output from supajobs.steps where job_id = (tests.job('job')).id$$,
  $$values ('2'::jsonb)$$,
  'the output is the new one'
);
select results_eq(
  $$select claim_id from supajobs.steps where job_id = (tests.job('job')).id$$,
  $$values (tests.id('claim 2'))$$,
  'and so is the claim that paid for it'
);

select * from finish();
rollback;
