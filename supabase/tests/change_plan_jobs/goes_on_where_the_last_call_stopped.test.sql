begin;
select plan(5);

insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('pgtap', 8, 600);
select tests.make_job(format('job %s', n)) from generate_series(1, 5) as n;
select tests.claim('claim 1', 9);
select tests.fail(format('job %s', n), 'claim 1', p_retryable => false)
from generate_series(1, 5) as n;

create temp table first as
select
  public.change_plan_jobs(
    'retry', '{"job_type": "pgtap", "status": ["failed"]}', p_max_jobs => 2
  ) as told;
select is(
  (select told::jsonb - 'last_id' from first),
  '{"outcomes": {"retried": 2}, "is_done": false}',
  'a call does so many'
);
select is(
  (select told ->> 'last_id' from first), (tests.job('job 2')).id::text, 'and says how far it came'
);
create temp table second as
select
  public.change_plan_jobs(
    'retry', '{"job_type": "pgtap", "status": ["failed"]}', p_max_jobs => 2,
    p_after => (told ->> 'last_id')::uuid
  ) as told
from first;
select is(
  (select told -> 'outcomes' from second)::jsonb,
  '{"retried": 1, "rate_limited": 1}',
  'what a limit refuses keeps no others back'
);
create temp table third as
select
  public.change_plan_jobs(
    'retry', '{"job_type": "pgtap", "status": ["failed"]}', p_max_jobs => 2,
    p_after => (told ->> 'last_id')::uuid
  ) as told
from second;
select is(
  (select told::jsonb - 'last_id' from third),
  '{"outcomes": {"rate_limited": 1}, "is_done": true}',
  'and is not asked for again'
);
select is(
  public.change_plan_jobs(
    'retry',
    '{"job_type": "pgtap", "status": ["failed"]}',
    p_after => (select (told ->> 'last_id')::uuid from third)
  )::jsonb - 'last_id',
  '{"outcomes": {}, "is_done": true}',
  'then there are none'
);

select * from finish();
rollback;
