begin;
select plan(5);

insert into public.plan_job_types (job_type, dedupe_by) values ('limited', 'user');
select tests.make_user('user a');
select tests.make_user('user b');
select public.enqueue_plan_job(tests.id('user a'), 'limited', '{}', p_trace_id => 'first');

create function pg_temp.repeat(p_params jsonb default '{"n": 1}', p_user text default 'user a')
returns text language sql as $$
  select format('%s: %s', answer ->> 'outcome', answer #>> '{job, trace_id}')
  from public.enqueue_plan_job(
    tests.id(p_user), 'limited', p_params, p_idempotency_key => 'key', p_trace_id => 'second'
  ) as answer
$$;

select is(pg_temp.repeat(), 'existing: first', 'the key is answered with the job on its way');
select tests.claim('claim 1', p_job_type => 'limited');
select tests.complete('first', 'claim 1');

select is(pg_temp.repeat(), 'existing: first', 'and with the same when that has ended');
select is(pg_temp.repeat('{"n": 2}'), 'conflict: first', 'for the same request');
select is(pg_temp.repeat(p_user => 'user b'), 'created: second', 'from the same user');

delete from public.plan_generation_jobs where trace_id in ('first', 'second');
select is(pg_temp.repeat(), 'created: second', 'as long as there is that job');

select * from finish();
rollback;
