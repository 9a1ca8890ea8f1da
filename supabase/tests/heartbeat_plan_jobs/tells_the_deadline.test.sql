begin;
select plan(1);

insert into public.plan_job_types (job_type, max_runtime_seconds) values ('pgtap', 300);
select tests.make_job('job');
select tests.claim('claim 1');

select is(
  (
    public.heartbeat_plan_jobs(
      jsonb_build_array(
        jsonb_build_object('job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'))
      )
    ) #>> '{0, deadline}'
  )::timestamptz,
  (tests.job('job')).started_at + interval '300 seconds',
  'it is the longest runtime after the start'
);

select * from finish();
rollback;
