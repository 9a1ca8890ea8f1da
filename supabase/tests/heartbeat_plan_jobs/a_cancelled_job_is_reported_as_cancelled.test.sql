begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select tests.expire_lease('job');
select supajobs.sweep();

select is(
  public.heartbeat_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
    )
  ) #>> '{0, outcome}',
  'cancelled',
  'the sweep has cancelled it'
);

select * from finish();
rollback;
