begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');

select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object(
        'job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'), 'progress', 'half'
      )
    )
  ) #>> '{0, outcome}',
  'held',
  'one bad progress does not cost all jobs of the worker their leases'
);
select is((tests.job('job')).progress, null, 'and is not stored');

select * from finish();
rollback;
