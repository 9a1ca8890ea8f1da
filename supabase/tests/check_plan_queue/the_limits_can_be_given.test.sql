begin;
select plan(3);

select tests.calm_queue();
select tests.make_job('running');
select tests.claim('claim 1');
update public.plan_generation_jobs set lease_expires_at = now() - interval '10 seconds'
where trace_id = 'running';
select tests.make_job('due');
select tests.make_older('due', interval '20 seconds');
update supajobs.sweeps set swept_at = now() - interval '30 seconds' where true;

select is(tests.troubles(), '{}', 'within its own limits');
create temp table answered as
select
  public.check_plan_queue(
    p_unswept_seconds => 9, p_silent_seconds => 29, p_old_seconds => 19
  )::jsonb as health;

select ok(
  jsonb_path_query_array(health, '$.reasons[*].code')
  @> '["expired_leases", "nobody_claims", "old_backlog"]',
  'beyond those that are given'
) from answered;
select is(
  public.check_plan_queue(p_very_old_seconds => 19, p_old_seconds => 5) ->> 'status',
  'unhealthy',
  'very old is unhealthy'
);

select * from finish();
rollback;
