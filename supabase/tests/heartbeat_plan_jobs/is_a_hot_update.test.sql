begin;
select plan(1);

-- No index entry is written: heartbeats are the most frequent writes of the queue.
select tests.make_job('job');
select tests.claim('claim 1');
create temp table before as
select pg_stat_get_xact_tuples_hot_updated('public.plan_generation_jobs'::regclass) as hot_updates;

select public.heartbeat_plan_jobs(
  jsonb_build_array(
    jsonb_build_object(
      'job_id', (tests.job('job')).id, 'claim_id', tests.id('claim 1'), 'progress', '{}'::jsonb
    )
  )
);

select is(
  pg_stat_get_xact_tuples_hot_updated('public.plan_generation_jobs'::regclass),
  (select hot_updates + 1 from before),
  'the new version of the row lies on the page of the old one'
);

select * from finish();
rollback;
