begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs set progress = '{"percentage": 40}' where trace_id = 'job';

select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
  )
);
select is((tests.job('job')).progress, '{"percentage": 40}', 'absent keeps it');

select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'), 'progress', null
    )
  )
);
select is((tests.job('job')).progress, '{"percentage": 40}', 'null keeps it');

select * from finish();
rollback;
