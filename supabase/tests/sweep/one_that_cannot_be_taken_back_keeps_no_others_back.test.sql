begin;
select plan(5);

select tests.calm_queue();
create function tests.refuse() returns trigger
language plpgsql
as $$
begin
  raise exception 'not this one';
end
$$;
create trigger refuse before update on public.plan_generation_jobs
for each row when (new.lease_lost_at is not null and new.trace_id in ('job 1', 'job 2'))
execute function tests.refuse();
select tests.make_job('job ' || number) from generate_series(1, 6) as number;
select tests.claim('claim', 6);
select tests.expire_lease('job ' || number) from generate_series(1, 6) as number;
set local client_min_messages = error;
update supajobs.sweeps set swept_at = '-infinity' where name = 'leases';

select
  is(
    supajobs.sweep_leases(2) + supajobs.sweep_leases(2) + supajobs.sweep_leases(2),
    4,
    'all others, one full sweep after the other'
  );
select set_eq(
  $$select trace_id from public.plan_generation_jobs where status = 'processing'$$,
  array['job 1', 'job 2'],
  'these alone stay'
);
select is(supajobs.sweep_leases(2), 0, 'and are left alone while others may be lost');
select
  is(
    (select stuck from supajobs.sweeps where name = 'leases'), '{}', 'then they have a turn again'
  );

drop trigger refuse on public.plan_generation_jobs;
update supajobs.sweeps set swept_at = '-infinity' where name = 'leases';
select is(supajobs.sweep_leases(3), 2, 'which takes them back as soon as it can');

select * from finish();
rollback;
