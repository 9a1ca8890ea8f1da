begin;
select plan(5);

select is(tests.debounce('a') ->> 'outcome', 'created', 'a user has one');
select is(tests.debounce('b', p_user => 'user b') ->> 'outcome', 'created', 'so has another');
select is(tests.debounce('system', p_user => null) ->> 'outcome', 'created', 'and the system');
select is(tests.debounce('system', p_user => null) ->> 'replaced', 'true', 'which has one');

insert into public.plan_job_types (job_type, dedupe_by) values ('of projects', 'project');
select is(
  array(
    select
      public.enqueue_plan_job(
        tests.id('user a'), 'of projects', '{}', p_project_id => tests.id(name),
        p_debounce_seconds => 60
      ) ->> 'outcome'
    from unnest(array['project 1', 'project 2', 'project 1']) as name
  ),
  array['created', 'created', 'existing'],
  'or each project'
);

select * from finish();
rollback;
