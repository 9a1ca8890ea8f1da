begin;
select plan(1);

select tests.make_job('job');
select tests.make_job('other', p_job_type => 'pgtap other');
create temporary table seen as select tests.seen('job') || tests.seen('other') as jobs;
select tests.claim('claim 1');

select is(
  (select public.get_changed_plan_jobs(seen.jobs)::jsonb from seen),
  jsonb_build_object(
    'jobs', jsonb_build_array(supajobs.describe_job(tests.job('job'))::jsonb),
    'gone', jsonb_build_array()
  ),
  'the one that was claimed, and not the other'
);

select * from finish();
rollback;
