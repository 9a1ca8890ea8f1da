begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running_per_user, max_running_per_project)
values ('pgtap', 1, 1);
create function tests.ask(p_name text, p_user text, p_project text) returns void
language sql
set search_path = ''
as $$
  select public.enqueue_plan_job(
    tests.make_user(p_user), 'pgtap', '{}', p_trace_id => p_name, p_project_id => tests.id(p_project)
  );
$$;

select tests.ask('long', 'user a', 'elsewhere');
select tests.ask('first', 'user b', 'shared');
select is(tests.claim_names('claim 1', 9), array['long', 'first']);
select tests.ask('of a ' || n, 'user a', 'shared') from generate_series(1, 120) as n;
select tests.ask('of c', 'user c', 'shared');
select is(tests.claim_names('claim 2', 9), '{}'::text[]);
select tests.complete('first', 'claim 1');
select is(tests.claim_names('claim 3', 9), array['of c']);

select * from finish();
rollback;
