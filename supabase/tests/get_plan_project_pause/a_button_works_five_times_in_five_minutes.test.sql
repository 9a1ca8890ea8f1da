begin;
select plan(5);

select tests.make_project('website');

create function pg_temp.refresh(p_priority integer, p_key text default null) returns text
language sql
as $$
  select public.enqueue_plan_job(
    tests.id('user a'), 'project_refresh', '{}', p_priority,
    p_idempotency_key => p_key,
    p_project_id => (select project.id from public.plan_projects as project)
  ) ->> 'outcome';
$$;
create function pg_temp.pause(p_key text default null) returns integer
language sql
as $$
  select public.get_plan_project_pause(project.id, tests.id('user a'), p_key)
  from public.plan_projects as project;
$$;
create function pg_temp.finish() returns void
language sql
as $$
  update public.plan_generation_jobs
  set status = 'cancelled', completed_at = now(), expires_at = now() + interval '1 day', turn = null
  where status = 'pending';
$$;

-- Those of schedules and pushes, and four by hand.
select
  pg_temp.refresh(5) as outcome,
  pg_temp.finish() as finished
from generate_series(1, 6);
select
  pg_temp.refresh(8) as outcome,
  pg_temp.finish() as finished
from generate_series(1, 4);
select is(pg_temp.pause(), null, 'those of schedules and pushes do not count');
select is(pg_temp.refresh(8, 'the fifth'), 'created', 'the fifth');
select is(pg_temp.pause(), null, 'one that is on its way is the answer');
select pg_temp.finish();
select is(pg_temp.pause() between 1 and 300, true, 'the sixth has to wait');
select is(pg_temp.pause('the fifth'), null, 'but for who asks for the fifth again');

select * from finish();
rollback;
