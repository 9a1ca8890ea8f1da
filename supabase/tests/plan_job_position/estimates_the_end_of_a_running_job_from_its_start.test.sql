begin;
select plan(1);

select tests.make_attempt(100);
select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set started_at = now() - interval '30 seconds' where trace_id = 'job';

select is(
  round(
    extract(
      epoch from (tests.position('job') ->> 'estimated_completion_at')::timestamptz - now()
    )
  ),
  70::numeric,
  'thirty of its hundred seconds are over'
);

select * from finish();
rollback;
