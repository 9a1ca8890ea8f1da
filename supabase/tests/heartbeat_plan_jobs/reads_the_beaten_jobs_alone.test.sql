begin;
select plan(1);

-- The statistics are of when the table had been emptied.
select tests.make_job('old job ' || n) from generate_series(1, 300) as n;
select tests.empty_queue();
analyze public.plan_generation_jobs;
select tests.make_job('job ' || n, p_user => 'user ' || n) from generate_series(1, 300) as n;
select tests.claim('claim 1', 10);
create temporary table beats as
select jsonb_agg(tests.entry(job.trace_id, 'claim 1')) as jobs
from public.plan_generation_jobs as job
where job.status = 'processing';
-- Planned before: the planner looks at the ends of the index, too.
select public.heartbeat_plan_jobs('[]');
create temporary table before as
select
  stats.seq_tup_read,
  stats.idx_tup_fetch
from pg_stat_xact_user_tables as stats
where stats.relname = 'plan_generation_jobs';
select json_array_length(public.heartbeat_plan_jobs(beats.jobs)) from beats;

select results_eq(
  '
    select
      stats.seq_tup_read - before.seq_tup_read,
      stats.idx_tup_fetch - before.idx_tup_fetch
    from pg_stat_xact_user_tables as stats, before
    where stats.relname = ''plan_generation_jobs''
  ',
  'values (0::bigint, 30::bigint)',
  'ten of three hundred: to be locked, extended and answered'
);

select * from finish();
rollback;
