begin;
select plan(9);

select tests.make_job('parent');
update public.plan_generation_jobs set project_id = tests.id('project')
where trace_id = 'parent';
select tests.claim('claim 1');
create temp table call as
select
  jsonb_build_array(
    tests.entry(
      'parent',
      'claim 1',
      '{"result": {"words": 2}, "then": [{"job_type": "pgtap", "params": {"voice": "low"}}]}'
    )
  ) as jobs;
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"parent": "completed"}',
  'the job is completed'
);
create temp table children as
select * from public.plan_generation_jobs
where trace_id = 'parent' and params ->> 'voice' = 'low';
select is((select status from children), 'pending', 'and the other one requested');
select is((select user_id from children), tests.id('user a'), 'for the same user');
select is((select project_id from children), tests.id('project'), 'in the same project');
select is((select trace_id from children), 'parent', 'and the same trace');
select ok((select turn from children) is not null, 'it has a turn at once');
select is((tests.claim('claim 2') -> 0 ->> 'id')::uuid, (select id from children), 'it is claimed');

select is(
  (
    select public.complete_plan_jobs(jobs) -> 0 ->> 'outcome'
    from call
  ),
  'completed',
  'a repeated call is told the same'
);
select is(
  (select count(*) from public.plan_generation_jobs where trace_id = 'parent'),
  2::bigint,
  'and requests nothing twice'
);

select * from finish();
rollback;
