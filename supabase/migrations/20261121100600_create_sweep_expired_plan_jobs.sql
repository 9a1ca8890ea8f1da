-- Takes jobs away from workers that went silent. Runs inside claims, at most once a second for the
-- whole fleet: a table without an index on lease_expires_at is swept by reading all that runs.

create table public.plan_queue_sweep (
  singleton boolean primary key default true,
  swept_at timestamptz not null default '-infinity',

  constraint plan_queue_sweep_one_row check (singleton)
);

comment on table public.plan_queue_sweep is 'When expired leases were last looked for. One row.';

insert into public.plan_queue_sweep default values;

alter table public.plan_queue_sweep enable row level security;
create policy plan_queue_sweep_closed_to_clients on public.plan_queue_sweep
for all to anon, authenticated using (false);
revoke all on table public.plan_queue_sweep from public, anon, authenticated, service_role;
grant select, update on table public.plan_queue_sweep to service_role;

-- A swept job runs again at once, unless its cancellation was asked for or it has lost its last
-- lease. Answers the number of jobs swept.
create function public.sweep_expired_plan_jobs(p_max_rows integer default 100) returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_job public.plan_generation_jobs;
  v_swept integer := 0;
begin
  -- Whoever finds the row taken leaves the sweep to its holder: no claim waits for it.
  perform from public.plan_queue_sweep
  where swept_at < v_now - interval '1 second'
  for update skip locked;
  if not found then
    return 0;
  end if;
  update public.plan_queue_sweep set swept_at = v_now where singleton;

  for v_job in
    with expired as (
      select
        job.id,
        case
          when job.cancel_requested_at is not null then 'cancelled'
          when job.crash_count + 1 < job.max_crashes then 'pending'
          else 'failed'
        end as next_status
      from public.plan_generation_jobs as job
      where job.status = 'processing' and job.lease_expires_at < v_now
      limit p_max_rows
      for update skip locked
    )

    update public.plan_generation_jobs as job
    set
      status = expired.next_status,
      crash_count = job.crash_count + 1,
      lease_expires_at = null,
      lease_lost_at = v_now,
      progress = null,
      error = case expired.next_status
        when 'failed' then jsonb_build_object(
          'code', 'worker_lost',
          'message', 'The job was stopped: its workers went silent too many times.'
        )
        else job.error
      end,
      completed_at = case when expired.next_status <> 'pending' then v_now end,
      expires_at = case
        when expired.next_status <> 'pending' then v_now + make_interval(hours => job.ttl_hours)
      end,
      updated_at = v_now
    from expired
    where job.id = expired.id
    returning job.*
  loop
    perform public.record_plan_job_attempt(
      v_job, case v_job.status when 'cancelled' then 'cancelled' else 'crashed' end, v_now
    );
    v_swept := v_swept + 1;
  end loop;
  return v_swept;
end
$$;

revoke all on function public.sweep_expired_plan_jobs(integer) from public, anon, authenticated;
grant execute on function public.sweep_expired_plan_jobs(integer) to service_role;
