begin;
select plan(3);

select tests.calm_queue();
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim 1', 3);
update public.plan_generation_jobs set lease_expires_at = now() - interval '61 seconds'
where trace_id in ('job 1', 'job 2');

select is(tests.troubles(), array['degraded: expired_leases'], 'the sweep takes seconds');
select is(
  public.check_plan_queue()::jsonb #> '{reasons, 0, jobs}', '2', 'how many, is told'
);

select tests.sweep();
select is(tests.troubles(), '{}', 'until they are swept');

select * from finish();
rollback;
