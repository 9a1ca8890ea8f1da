begin;
select plan(2);

select tests.empty_queue();
create function tests.dawdle() returns trigger
language plpgsql
as $$
begin
  perform pg_sleep(0.03);
  return new;
end
$$;
create trigger dawdle before update on public.plan_generation_jobs
for each row when (new.lease_lost_at is not null) execute function tests.dawdle();
select tests.make_job('job');
select tests.claim('claim 1');

select tests.expire_lease('job');
select tests.sweep();
select
  is(
    (select pause from supajobs.sweeps where name = 'leases'),
    interval '10 seconds',
    'a slow one ten'
  );

update supajobs.sweeps set pause = interval '0' where true;
select tests.sweep();
select ok(
  (select pause between '1 second' and '10 seconds' from supajobs.sweeps where name = 'leases'),
  'a fast one no less than one'
);

select * from finish();
rollback;
