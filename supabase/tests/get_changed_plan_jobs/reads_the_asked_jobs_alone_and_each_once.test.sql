begin;
select plan(1);

-- The statistics are of when the table had been emptied.
select tests.make_job('old job ' || n) from generate_series(1, 300) as n;
select tests.empty_queue();
analyze public.plan_generation_jobs;
select tests.make_job('job ' || n, p_user => 'user ' || n) from generate_series(1, 300) as n;
create temporary table seen as
select jsonb_object_agg(job.id, null) as jobs
from public.plan_generation_jobs as job
where job.trace_id like 'job 1__';
-- Planned before: the planner looks at the ends of the index, too.
select public.get_changed_plan_jobs('{}');
create temporary table before as
select
  stats.seq_tup_read,
  stats.idx_tup_fetch
from pg_stat_xact_user_tables as stats
where stats.relname = 'plan_generation_jobs';
select json_array_length(public.get_changed_plan_jobs(seen.jobs) -> 'jobs') from seen;

select results_eq(
  '
    select stats.seq_tup_read - before.seq_tup_read, stats.idx_tup_fetch - before.idx_tup_fetch
    from pg_stat_xact_user_tables as stats, before
    where stats.relname = ''plan_generation_jobs''
  ',
  'values (0::bigint, 100::bigint)',
  'a hundred of three hundred, by the primary key'
);

select * from finish();
rollback;
