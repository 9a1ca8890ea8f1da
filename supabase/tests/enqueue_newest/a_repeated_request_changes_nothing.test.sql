begin;
select plan(9);

select tests.debounce('first', '{"n": 1}', p_key => 'key 1');
select tests.debounce('second', '{"n": 2}', p_key => 'key 2');
select tests.make_older('second', interval '1 minute');
create temporary table before as select * from tests.job('second');
select is(
  tests.debounce('again', '{"n": 1}', p_key => 'key 1') ->> 'outcome', 'existing',
  'the first one again finds the job that it had'
);
select is(
  tests.debounce('again', '{"n": 2}', p_key => 'key 2') ->> 'replaced', null,
  'the second one again replaces nothing'
);
select is(
  tests.debounce('again', '{"n": 3}', p_key => 'key 1') ->> 'outcome', 'conflict',
  'another one with the same key is refused'
);
select
  results_eq(
    'select * from tests.job(''second'')', 'select * from before', 'and nothing has changed'
  );

select tests.bring_forward('second');
select tests.claim('claim 1', 1, 'newest');
select tests.debounce('next', '{"n": 4}', p_key => 'key 4');
select is(
  tests.debounce('again', '{"n": 4}', p_key => 'key 4') ->> 'outcome', 'existing',
  'one that made the next job finds that one'
);
select tests.complete('second', 'claim 1');
select is(
  tests.debounce('again', '{"n": 2}', p_key => 'key 2') #>> '{job, status}', 'completed',
  'one whose job has ended finds it as it is'
);

-- Plain requests have keys, too.
select tests.make_job('plain', p_job_type => 'unused');
insert into public.plan_job_types (job_type, dedupe_by) values ('other', 'user');
select public.enqueue_plan_job(
  tests.id('user a'), 'other', '{"n": 1}', p_idempotency_key => 'key 5'
);
select public.enqueue_plan_job(
  tests.id('user a'), 'other', '{"n": 2}', p_debounce_seconds => 60
);
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'other', '{"n": 1}', p_idempotency_key => 'key 5'
  ) ->> 'outcome',
  'existing',
  'a plain request that was replaced still finds its job'
);
select is(
  public.enqueue_plan_job(
    tests.id('user a'), 'other', '{"n": 2}', p_idempotency_key => 'key 5'
  ) ->> 'outcome',
  'conflict',
  'and what took its place is another request'
);
select is(
  (select count(*) from public.plan_generation_jobs where job_type = 'other'), 1::bigint,
  'there is one job'
);

select * from finish();
rollback;
