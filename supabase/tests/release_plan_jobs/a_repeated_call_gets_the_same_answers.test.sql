begin;
select plan(2);

select tests.make_job('good');
select tests.make_job('unwanted');
select tests.claim('claim 1', 2);
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));
create temp table call as
select jsonb_agg(tests.entry(name, 'claim 1')) as jobs
from unnest(array['good', 'unwanted']) as name;
select public.release_plan_jobs(jobs) from call;
select tests.claim('claim 2');

select is(
  (select tests.outcomes(public.release_plan_jobs(jobs)) from call),
  '{"good": "released", "unwanted": "cancelled"}',
  'the answer that was lost is given again'
);
select is((tests.job('good')).status, 'processing', 'the next claim keeps the job');

select * from finish();
rollback;
