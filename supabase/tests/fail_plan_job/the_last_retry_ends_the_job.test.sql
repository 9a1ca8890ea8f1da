begin;
select plan(3);

insert into public.plan_job_types (job_type, max_retries) values ('pgtap', 1);
select tests.make_job('job');

select tests.claim('claim 1');
select is(
  tests.fail('job', 'claim 1', '{}', p_retry_after => 0), 'retrying', 'the first error is forgiven'
);

select tests.claim('claim 2');
select is(tests.fail('job', 'claim 2', '{}'), 'failed', 'the second is the last');
select is((tests.job('job')).retry_count, 1::smallint, 'one retry was granted');

select * from finish();
rollback;
