-- Deletes finished jobs whose time to live is over, the oldest first: a thousand at a time, until
-- there are none, p_max_rows are deleted, or p_seconds are over. Their attempts and steps go with
-- them; plans stay. One whose result a job is to read that waits for it stays as long. The hours
-- they have ended in are counted before, as many as half of p_seconds does for. Answers
-- {"deleted": n}.

create function public.cleanup_expired_plan_jobs(
  p_max_rows integer default null, p_seconds double precision default 5
) returns jsonb
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
  v_batch integer;
  v_in_batch integer;
  v_deleted integer := 0;
begin
  perform supajobs.count_past_hours(168, p_seconds / 2);
  loop
    v_batch := least(1000, p_max_rows - v_deleted);
    delete from public.plan_generation_jobs
    where id = any(array(
      select job.id
      from public.plan_generation_jobs as job
      where
        job.expires_at <= now()
        and not (job.has_ties and supajobs.is_waited_for(job.id))
      order by job.expires_at
      limit v_batch
      for update skip locked
    ));
    get diagnostics v_in_batch = row_count;
    v_deleted := v_deleted + v_in_batch;
    exit when v_in_batch < 1000 or v_deleted >= p_max_rows or clock_timestamp() >= v_until;
  end loop;

  delete from supajobs.retries where retried_at < now() - interval '1 hour';
  return jsonb_build_object('deleted', v_deleted);
end
$$;

revoke all on function public.cleanup_expired_plan_jobs from public, anon, authenticated;
grant execute on function public.cleanup_expired_plan_jobs to service_role;
