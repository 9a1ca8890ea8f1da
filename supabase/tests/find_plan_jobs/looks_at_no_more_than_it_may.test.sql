begin;
select plan(9);

select tests.empty_queue();
select tests.make_attempt(1) from generate_series(1, 3000);
update public.plan_generation_jobs set status = 'failed', error = '{"code": "broken"}'
where get_byte(uuid_send(id), 15) % 2 = 0;
insert into supajobs.unsuccessful_attempts (
  job_id, claim_id, job_type, worker_id, outcome, started_at, ended_at
)
select
  job.id,
  job.claim_id,
  job.job_type,
  job.worker_id,
  'failed' as outcome,
  job.started_at,
  job.completed_at
from public.plan_generation_jobs as job
where job.status = 'failed';
analyze public.plan_generation_jobs, supajobs.unsuccessful_attempts;

create function pg_temp.count_reads() returns bigint
language sql
volatile
as $$
  select sum(seq_tup_read + idx_tup_fetch)::bigint from pg_stat_xact_all_tables
  where relname in ('plan_generation_jobs', 'unsuccessful_attempts')
$$;

-- How many rows a look reads that may look at 1,000 jobs, and finds nothing.
create function pg_temp.read(p_filter jsonb) returns bigint
language plpgsql
as $$
declare
  v_before bigint := pg_temp.count_reads();
begin
  if public.find_plan_jobs(p_filter, p_max_looks => 1000)::jsonb -> 'jobs' <> '[]' then
    raise 'it has found some';
  end if;
  return pg_temp.count_reads() - v_before;
end
$$;

-- Each once as it is listed and once as it is looked at, and that where it stopped.
select cmp_ok(pg_temp.read(filter), '<=', 2100::bigint, filter::text)
from
  unnest(
    array[
      '{"job_type": "another"}',
      '{"error": "another"}',
      '{"status": ["cancelled"]}',
      '{"status": ["completed", "cancelled"], "error": "another"}',
      '{"status": ["failed"], "error": "another"}',
      '{"status": ["pending", "processing"]}',
      '{"user_id": null}',
      '{"since": "2020-01-01T00:00:00Z", "error": "another"}'
    ]::jsonb[]
    || jsonb_build_object('user_id', tests.id('user a'), 'status', array['cancelled'])
  ) as filter;

select * from finish();
rollback;
