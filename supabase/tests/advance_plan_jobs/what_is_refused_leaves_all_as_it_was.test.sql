begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select tests.refuses(
  'max_jobs_out_of_range',
  $$select tests.advance(jsonb_build_array(tests.entry('job', 'claim 1')), 'claim 2', 0)$$
);
select is((tests.job('job')).status, 'processing', 'and the job is not completed alone');

select * from finish();
rollback;
