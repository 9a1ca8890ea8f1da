begin;
select plan(3);

insert into public.plan_job_types (job_type, max_retries) values ('pgtap', 1);
select tests.make_job('job');

select tests.claim('claim 1');
select is(
  public.fail_plan_job(
    (tests.job('job')).id, tests.id('claim 1'), '{}', p_retry_after => 0
  ) ->> 'outcome',
  'retrying',
  'the first error is forgiven'
);

select tests.claim('claim 2');
select is(
  public.fail_plan_job((tests.job('job')).id, tests.id('claim 2'), '{}'),
  '{"outcome": "failed"}',
  'the second is the last'
);
select is((tests.job('job')).retry_count, 1::smallint, 'one retry was granted');

select * from finish();
rollback;
