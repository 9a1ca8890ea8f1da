begin;
select plan(9);

select tests.make_job('parent');
create temp table parent as select (tests.job('parent')).id;
select tests.claim('claim 1');
create function tests.request(
  p_claim text, p_name text default 'sound', p_request jsonb default '{"job_type": "pgtap later"}'
) returns json
language sql
set search_path = ''
as $$
  select public.enqueue_plan_job_step(parent.id, tests.id(p_claim), p_name, p_request)
  from pg_temp.parent
$$;
insert into public.plan_job_types (job_type) values ('pgtap later');
create temp table first as select tests.request('claim 1') as told;
select is((select told ->> 'outcome' from first), 'created', 'the first time it is created');
select is(
  (
    select public.get_plan_job_steps(id, tests.id('claim 1')) #>> '{steps, sound, job_id}'
    from parent
  ),
  (select told ->> 'job_id' from first),
  'its id is kept as a step'
);
select is(
  (
    select array[user_id::text, trace_id] from public.plan_generation_jobs
    where job_type = 'pgtap later'
  ),
  array[tests.id('user a')::text, 'parent'],
  'it is of the same user and trace'
);
select is(
  tests.request('claim 1')::jsonb,
  (select jsonb_build_object('outcome', 'existing', 'job_id', told ->> 'job_id') from first),
  'asked again it is the same'
);
select public.fail_plan_job(id, tests.id('claim 1'), '{}', p_retry_after => 0) from parent;
select tests.claim('claim 2');
select is(
  tests.request('claim 2') ->> 'job_id',
  (select told ->> 'job_id' from first),
  'so it is in the next attempt'
);
select is(
  tests.request('claim 1', 'other') ->> 'outcome', 'stale', 'a claim that is over requests nothing'
);
select is(
  tests.request('claim 2', 'other') ->> 'outcome', 'created', 'another name is another job'
);
select is(
  (select count(*) from public.plan_generation_jobs where job_type = 'pgtap later'),
  2::bigint,
  'there are two of them'
);
select throws_ok(
  $$select tests.request('claim 2', 'third', '{"job_type": "no such type"}')$$,
  'PT422', 'There is no job type "no such type".', 'what is wrong is said'
);

select * from finish();
rollback;
