begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.fail('job', 'claim 1', '{}');
update public.plan_generation_jobs set run_at = now() where trace_id = 'job';
select tests.claim('claim 2');
select tests.complete('job', 'claim 2', p_usage => '{"cost_usd": 0.5}');

select results_eq(
  $$
    select claim_id, outcome, started_at, ended_at, cost_usd
    from public.plan_job_attempts
    where job_id = (tests.job('job')).id
    order by ended_at
  $$,
  $$
    select claim_id, outcome, started_at, ended_at, cost_usd
    from tests.attempt('job', 'claim 1')
    union all
    select claim_id, 'completed', started_at, completed_at, 0.5 from tests.job('job')
  $$,
  'it is among the attempts'
);
select results_eq(
  $$
    select outcome from supajobs.unsuccessful_attempts
    where job_id = (tests.job('job')).id
  $$,
  array['retrying'],
  'and has no row there'
);

select * from finish();
rollback;
