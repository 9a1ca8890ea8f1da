begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');

select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
    )
  ) #>> '{0, outcome}',
  'held',
  'nobody took the job meanwhile'
);
select ok((tests.job('job')).lease_expires_at > clock_timestamp(), 'its lease is whole again');

select * from finish();
rollback;
