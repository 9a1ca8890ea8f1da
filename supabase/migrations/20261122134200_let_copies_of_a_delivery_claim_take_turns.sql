-- Replaces claim_plan_job_deliveries: copies of one call take turns, as in claim_plan_jobs.

create or replace function public.claim_plan_job_deliveries(
  p_claim_id uuid,
  p_channel text,
  p_max_deliveries integer default 50,
  p_lease_seconds double precision default 60
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  -- Two copies of one call, a retry beside its slow first try, take turns: else the second would
  -- find all taken and nothing held, and what the first claims would wait for its lease to end.
  perform pg_advisory_xact_lock(hashtextextended(p_claim_id::text, 0));

  if not exists (
    select from public.plan_job_deliveries where claim_id = p_claim_id and is_held
  ) then
    update public.plan_job_deliveries as delivery
    set
      claim_id = p_claim_id,
      is_held = due.ends_as is null,
      status = coalesce(due.ends_as, delivery.status),
      error = coalesce(due.ends_because, delivery.error),
      attempts = delivery.attempts
      + case when due.ends_as is null and delivery.status = 'pending' then 1 else 0 end,
      tried_at = case
        when due.ends_as is null and delivery.status = 'pending' then v_now
        else delivery.tried_at
      end,
      run_at = case
        when due.ends_as is null then v_now + make_interval(secs => p_lease_seconds)
      end,
      ended_at = case when due.ends_as is not null then v_now end
    from (
      select
        candidate.id,
        case
          when candidate.is_too_old then 'expired'
          when candidate.is_for_nobody then 'failed'
        end as ends_as,
        case
          when candidate.is_too_old then coalesce(candidate.error, 'too_old')
          when candidate.is_for_nobody then 'device_removed'
        end as ends_because
      from (
        select
          mine.id,
          mine.error,
          notification.occurred_at < v_now - interval '1 day' as is_too_old,
          mine.status = 'pending' and p_channel <> 'webhook' and token.id is null as is_for_nobody
        from public.plan_job_deliveries as mine
        inner join public.plan_job_notifications as notification
          on mine.notification_id = notification.id
        left join public.plan_push_tokens as token on mine.push_token_id = token.id
        where mine.id = any(array(
          select free.id
          from public.plan_job_deliveries as free
          where free.channel = p_channel and free.run_at <= v_now
          order by free.run_at
          limit p_max_deliveries
          for update skip locked
        ))
      ) as candidate
    ) as due
    where delivery.id = due.id;
  end if;

  return (
    select coalesce(json_agg(held), '[]')
    from (
      select
        delivery.id,
        delivery.attempts,
        delivery.ticket,
        (
          select row_to_json(told)
          from (
            select
              notification.id, notification.event, notification.job_id, notification.job_type,
              notification.user_id, notification.project_id, notification.plan_id,
              notification.trace_id, notification.title, notification.error,
              notification.occurred_at, message.title as message_title,
              message.body as message_body
          ) as told
        ) as notification,
        (
          select row_to_json(device)
          from (select token.token, token.p256dh, token.auth where token.id is not null) as device
        ) as device
      from public.plan_job_deliveries as delivery
      inner join public.plan_job_notifications as notification
        on delivery.notification_id = notification.id
      left join public.plan_push_tokens as token on delivery.push_token_id = token.id
      left join public.plan_job_messages as message
        on notification.job_type = message.job_type and notification.event = message.event
      where delivery.claim_id = p_claim_id and delivery.is_held
      order by delivery.id
    ) as held
  );
end
$$;
