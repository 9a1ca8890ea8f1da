begin;
select plan(1);

select tests.empty_queue();
create function tests.dawdle() returns trigger
language plpgsql
as $$
begin
  perform pg_sleep(0.006);
  return new;
end
$$;
create trigger dawdle before update on public.plan_generation_jobs
for each row when (new.lease_lost_at is not null) execute function tests.dawdle();
select tests.make_job('job ' || number) from generate_series(1, 2) as number;
select tests.claim('claim 1', 2);

select tests.expire_lease('job 1');
select tests.sweep();

select ok(
  (select pause between '6 seconds' and '10 seconds' from supajobs.sweeps where name = 'leases'),
  'a thousand times as long'
);

select * from finish();
rollback;
