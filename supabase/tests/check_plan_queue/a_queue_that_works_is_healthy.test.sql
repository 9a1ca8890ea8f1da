begin;
select plan(1);

select tests.calm_queue();
select tests.make_job('running');
select tests.claim('claim 1');
select tests.make_job('due');
select tests.make_job('for later', p_run_at => now() + interval '1 hour');
update supajobs.sweeps set swept_at = now() - interval '170 seconds' where true;
select tests.make_older('due', interval '290 seconds');
update public.plan_generation_jobs set lease_expires_at = now() - interval '50 seconds'
where trace_id = 'running';

select is(
  public.check_plan_queue()::jsonb, '{"status": "healthy", "reasons": []}', 'within its limits'
);

select * from finish();
rollback;
