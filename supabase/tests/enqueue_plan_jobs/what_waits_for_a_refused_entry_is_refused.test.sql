begin;
select plan(4);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('pgtap-limited', 1, 60);
create function tests.request_child_of(p_parent jsonb) returns json
language sql
set search_path = ''
as $$
  select public.enqueue_plan_jobs(
    jsonb_build_array(
      p_parent || jsonb_build_object('user_id', tests.id('user a'), 'ref', 'one'),
      jsonb_build_object(
        'user_id', tests.id('user a'), 'job_type', 'pgtap', 'after', jsonb_build_array('one')
      )
    )
  )
$$;

select is(tests.request_child_of('{"job_type": "unheard of"}') #>> '{1, code}', 'parent_not_found');

select tests.request_child_of('{"job_type": "pgtap-limited"}');
select is(
  tests.request_child_of('{"job_type": "pgtap-limited"}') #>> '{1, code}',
  'parent_not_found',
  'where a limit refuses it'
);

select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{"n": 1}', p_idempotency_key => 'used'
);
select is(
  tests.request_child_of('{"job_type": "pgtap", "params": {"n": 2}, "idempotency_key": "used"}')
  #>> '{1, code}',
  'parent_not_found',
  'or another request has its key, whose job is not the one that was meant'
);
select is(
  tests.request_child_of('{"job_type": "pgtap", "params": {"n": 1}, "idempotency_key": "used"}')
  #>> '{1, outcome}',
  'created',
  'though the same request has'
);

select * from finish();
rollback;
