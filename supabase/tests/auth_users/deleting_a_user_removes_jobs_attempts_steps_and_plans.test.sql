begin;
select plan(5);

select tests.make_job('completed');
select tests.claim('claim 1');
select tests.complete('completed', 'claim 1', p_plan => '{}');
select tests.make_job('running');
select tests.claim('claim 2');
select public.save_plan_job_step((tests.job('running')).id, tests.id('claim 2'), 'draft', '{}');
create temp table jobs as
select id from public.plan_generation_jobs where user_id = tests.id('user a');

delete from auth.users where id = tests.id('user a');

select is((select count(*) from jobs), 2::bigint, 'the user had two jobs');
select is_empty('select * from public.plan_generation_jobs inner join jobs using (id)', 'jobs');
select is_empty(
  'select * from public.plan_job_attempts where job_id in (select id from jobs)', 'attempts'
);
select is_empty(
  'select * from supajobs.steps where job_id in (select id from jobs)', 'steps'
);
select is_empty(
  $$select * from public.weekly_base_plans where user_id = tests.id('user a')$$, 'plans'
);

select * from finish();
rollback;
