begin;
select plan(9);

insert into public.plan_job_types (job_type, dedupe_by, max_retries) values ('pgtap', 'user', 0);
select tests.make_job('first');
select tests.claim('claim 1');
create temp table call as
select
  jsonb_build_array(
    tests.entry('first', 'claim 1', '{"then": [{"job_type": "pgtap", "trace_id": "next"}]}')
  ) as jobs;
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call), '{"first": "completed"}'
);
select is((tests.job('next')).status, 'pending', 'the next one of its key is another job');
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"first": "completed"}',
  'a repeated call is told the same'
);
select is(tests.make_job('second'), (tests.job('next')).id, 'it stands for who asks now');

select tests.claim('claim 2');
select is(
  public.complete_plan_job(
    (tests.job('next')).id, tests.id('claim 2'),
    p_then => '[{"job_type": "pgtap", "trace_id": "child"}, {"job_type": "no such type"}]'
  ) ->> 'outcome',
  'failed',
  'where one is refused'
);
select is((tests.job('child')).id, null, 'nothing follows');
select is(
  public.retry_plan_job((tests.job('next')).id, tests.id('user a')) ->> 'outcome',
  'retried',
  'and a retry'
);
select is(tests.make_job('third'), (tests.job('next')).id, 'has its key');

select tests.claim('claim 3');
select is(
  public.complete_plan_job(
    (tests.job('next')).id, tests.id('claim 3'),
    p_then => jsonb_build_array(
      jsonb_build_object(
        'job_type', 'pgtap', 'after', jsonb_build_object('text', (tests.job('next')).id)
      )
    )
  ) ->> 'outcome',
  'completed',
  'what follows may read its result'
);

select * from finish();
rollback;
