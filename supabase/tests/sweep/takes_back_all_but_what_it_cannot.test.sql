begin;
select plan(6);

select tests.calm_queue();
create function tests.refuse() returns trigger
language plpgsql
as $$
begin
  raise exception 'not this one';
end
$$;
create trigger refuse before update on public.plan_generation_jobs
for each row when (new.lease_lost_at is not null and new.trace_id = 'job 2')
execute function tests.refuse();
select tests.make_job('job ' || number) from generate_series(1, 4) as number;
select tests.claim('claim 1', 3);
select tests.expire_lease('job ' || number) from generate_series(1, 3) as number;
set local client_min_messages = error;

select is(
  tests.claim_names('claim 2', 1), array['job 4'], 'the claim takes its job'
);
select is((tests.job('job 1')).status, 'pending', 'before it in the batch');
select is((tests.job('job 2')).status, 'processing', 'it alone stays');
select is((tests.job('job 3')).status, 'pending', 'behind it in the batch');
select ok((select swept_at > now() from supajobs.sweeps where name = 'leases'), 'and that was it');

update public.plan_generation_jobs set lease_expires_at = now() - interval '2 minutes'
where trace_id = 'job 2';
select is(tests.troubles(), array['degraded: expired_leases'], 'health tells of it');

select * from finish();
rollback;
