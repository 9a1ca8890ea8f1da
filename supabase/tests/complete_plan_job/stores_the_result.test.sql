begin;
select plan(4);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  tests.complete('job', 'claim 1', '{"weeks": 4}'), 'completed', 'the completion is accepted'
);
select is((tests.job('job')).status, 'completed', 'the job is completed');
select is((tests.job('job')).result, '{"weeks": 4}', 'the result is on the job');
select is(
  (select count(*) from public.weekly_base_plans where job_id = (tests.job('job')).id),
  0::bigint,
  'no plan is made of it'
);

select * from finish();
rollback;
