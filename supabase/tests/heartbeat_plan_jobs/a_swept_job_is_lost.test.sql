begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();

select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
    )
  ) #>> '{0, outcome}',
  'lost',
  'the worker has been silent too long'
);

select * from finish();
rollback;
