begin;
select plan(1);

select tests.make_job('job');
create temporary table seen as select tests.seen('job') as jobs;
update public.plan_generation_jobs set updated_at = updated_at - interval '1 microsecond'
where trace_id = 'job';

select is(
  (select public.get_changed_plan_jobs(seen.jobs) #>> '{jobs, 0, trace_id}' from seen),
  'job',
  'by a microsecond'
);

select * from finish();
rollback;
