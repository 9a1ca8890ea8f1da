begin;
select plan(1);

select tests.empty_queue();
insert into supajobs.lanes (job_type, priority, floor, entry) values ('pgtap', 5, 70, 80);
-- As a request that commits when the sweep has looked for twins.
create function pg_temp.make_twin() returns trigger
language plpgsql
as $$
begin
  insert into supajobs.lanes (job_type, priority) values ('pgtap', 5);
  return null;
end
$$;
create trigger a_twin_comes after delete on supajobs.lanes
for each statement execute function pg_temp.make_twin();

update supajobs.sweeps set swept_at = '-infinity', pause = '1 second' where name = 'lanes';
select supajobs.sweep_lanes();
select results_eq(
  $$select floor, entry from supajobs.lanes where job_type = 'pgtap' order by id$$,
  $$values (80::bigint, 80::bigint), (0, 0)$$,
  'each keeps its own place'
);

select * from finish();
rollback;
