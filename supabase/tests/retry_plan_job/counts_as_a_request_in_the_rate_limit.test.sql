begin;
select plan(6);

insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('limited', 2, 600);
select tests.make_job('job', p_job_type => 'limited');

create function pg_temp.fail_and_retry(p_claim text) returns json language sql as $$
  select tests.claim(p_claim, p_job_type => 'limited');
  select tests.fail('job', p_claim, p_retryable => false);
  select public.retry_plan_job((tests.job('job')).id, tests.id('user a'))
$$;

select is(pg_temp.fail_and_retry('claim 1') ->> 'outcome', 'retried', 'two in the window');
select is(
  (
    select
      case
        when (answer ->> 'retry_after')::integer between 1 and 600 then answer ->> 'outcome'
      end
    from pg_temp.fail_and_retry('claim 2') as answer
  ),
  'rate_limited',
  'are as many as there may be'
);
select is((tests.job('job')).status, 'failed', 'the job stays as it is');
select is(
  public.enqueue_plan_job(tests.id('user a'), 'limited', '{}') ->> 'outcome',
  'rate_limited',
  'a retry leaves no room for a request'
);

update public.plan_generation_jobs set created_at = created_at - interval '11 minutes'
where trace_id = 'job';
update supajobs.retries set retried_at = retried_at - interval '11 minutes' where true;
select is(pg_temp.fail_and_retry('claim 3') ->> 'outcome', 'retried', 'until the window is over');
update public.plan_job_types set max_enqueues = null, enqueue_window_seconds = null
where job_type = 'limited';
select is(pg_temp.fail_and_retry('claim 4') ->> 'outcome', 'retried', 'or there is no limit');

select * from finish();
rollback;
