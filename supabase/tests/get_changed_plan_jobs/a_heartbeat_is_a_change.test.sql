begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
create temporary table seen as select tests.seen('job') as jobs;
select public.heartbeat_plan_jobs(
  jsonb_build_array(
    tests.entry('job', 'claim 1', '{"progress": {"phase": "base", "percentage": 9, "message": ""}}')
  )
);

select is(
  (select public.get_changed_plan_jobs(seen.jobs) #>> '{jobs, 0, progress, phase}' from seen),
  'base',
  'with the progress that it brought'
);
select is(
  public.get_changed_plan_jobs(tests.seen('job')) ->> 'jobs', '[]', 'and seen, it is none any more'
);

select * from finish();
rollback;
