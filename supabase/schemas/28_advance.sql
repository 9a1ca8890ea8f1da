-- Both halves of a busy worker's work in one call, what its jobs came to and others in their place:
-- half the round trips, and half the commits.

-- Answers {settled: as complete_plan_jobs, claimed: as claim_plan_jobs}. Both or neither are done,
-- and a repeated call is answered as each of the two answers.
create function public.advance_plan_jobs(
  p_jobs jsonb,
  p_claim_id uuid,
  p_worker_id text,
  p_max_jobs integer default 1,
  p_job_types text[] default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_settled json;
begin
  -- The claim's own: a copy of this call is to find its completions done, and not busy.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));
  v_settled := public.complete_plan_jobs(p_jobs);
  return json_build_object(
    'settled', v_settled,
    'claimed', public.claim_plan_jobs(p_claim_id, p_worker_id, p_max_jobs, p_job_types)
  );
end
$$;

revoke all on function public.advance_plan_jobs from public, anon, authenticated;
grant execute on function public.advance_plan_jobs to service_role;
