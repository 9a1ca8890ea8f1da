begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by) values ('per project', 'project');

select throws_ok(
  $$select public.enqueue_plan_job(tests.id('user a'), 'per project', '{}')$$,
  'PT422',
  'Jobs of type "per project" belong to a project.'
);

select * from finish();
rollback;
