begin;
select plan(5);

select tests.make_job('cancelled');
select tests.make_job('lost');
select tests.claim('claim 1', 2);
select public.cancel_plan_job((tests.job('cancelled')).id, tests.id('user a'));
select tests.expire_lease('lost');
select supajobs.sweep();
update public.plan_generation_jobs set run_at = now() - interval '1 second'
where trace_id = 'lost';
select tests.claim('claim 2');
create temp table call as
select
  jsonb_build_array(
    tests.entry('cancelled', 'claim 1', '{"then": [{"job_type": "pgtap", "trace_id": "child"}]}'),
    tests.entry('lost', 'claim 1', '{"then": [{"job_type": "pgtap", "trace_id": "child"}]}')
  ) as jobs;
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"cancelled": "cancelled", "lost": "stale"}',
  'a job that is cancelled, or somebody else''s by now'
);
select is(tests.job('child'), null, 'is not followed');

select is(
  public.complete_plan_jobs(
    jsonb_build_array(tests.entry('lost', 'claim 2', '{"result": 1, "then": []}'))
  ) -> 0 ->> 'outcome',
  'completed',
  'nothing may follow'
);
select tests.make_job('malformed');
select tests.claim('claim 3');
select is(
  public.complete_plan_jobs(
    jsonb_build_array(tests.entry('malformed', 'claim 3', '{"then": {"job_type": "pgtap"}}'))
  ) -> 0 ->> 'outcome',
  'failed',
  'what is no list fails its job'
);
select is((tests.job('malformed')).error ->> 'code', 'follow_up_refused', 'with the same error');

select * from finish();
rollback;
