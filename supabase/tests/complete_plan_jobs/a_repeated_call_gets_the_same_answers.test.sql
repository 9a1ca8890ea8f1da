begin;
select plan(2);

select tests.make_job('good');
select tests.make_job('unwanted');
select tests.claim('claim 1', 2);
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));
create temp table call as
select
  jsonb_build_array(
    tests.entry('good', 'claim 1', '{"plan": {}}'), tests.entry('unwanted', 'claim 1')
  ) as jobs;
create temp table answer as
select tests.outcomes(public.complete_plan_jobs(jobs)) as outcomes from call;

select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  (select outcomes from answer),
  'the answer that was lost is given again'
);
select is(
  (select count(*) from public.weekly_base_plans where user_id = tests.id('user a')),
  1::bigint,
  'there is one plan'
);

select * from finish();
rollback;
