-- How notifications reach devices and the webhook: each is addressed once, which writes a delivery
-- for each receiver, and each delivery is claimed, sent and settled by itself. So a receiver that
-- is down keeps no other waiting, and nobody gets again what has been delivered.
--
-- As with jobs, each call may be made twice: a repeated claim with the same claim id is answered
-- with the deliveries that it still holds, a repeated settle with what the first one came to.

create table supajobs.deliveries (
  id uuid primary key default supajobs.new_id(),
  notification_id uuid not null references supajobs.notifications (id) on delete cascade,
  channel text not null,
  push_token_id uuid,
  status text not null default 'pending',
  attempts smallint not null default 0,
  run_at timestamptz,
  tried_at timestamptz,
  claim_id uuid,
  is_held boolean not null default false,
  ticket text,
  error text,
  ended_at timestamptz,

  constraint deliveries_channel_known check (channel in ('expo', 'web', 'webhook')),
  constraint deliveries_to_a_device_unless_webhook check (
    (channel = 'webhook') = (push_token_id is null)
  ),
  constraint deliveries_status_known check (
    status in ('pending', 'sent', 'delivered', 'failed', 'expired')
  ),
  constraint deliveries_run_at_until_the_end check (
    (status in ('pending', 'sent')) = (run_at is not null)
  ),
  constraint deliveries_ended_at_iff_ended check (
    (status in ('pending', 'sent')) = (ended_at is null)
  )
);
comment on table supajobs.deliveries is
'One notification to one device, or to the webhook.';
comment on column supajobs.deliveries.push_token_id is
'The device may be gone.';
comment on column supajobs.deliveries.status is
'sent: the push service has taken it, and says later what became of it. failed: the receiver does
not want it. expired: given up after 15 attempts, or a day.';
comment on column supajobs.deliveries.run_at is
'Not before this time. While a claim holds it: when the claim''s lease is over.';
comment on column supajobs.deliveries.claim_id is
'Made by the process that sends, the fencing token of its settle. Stays until the next claim.';
comment on column supajobs.deliveries.ticket is
'Under which the push service says what became of it.';
comment on column supajobs.deliveries.error is
'What went wrong with the latest attempt, in one word.';
create index deliveries_due on supajobs.deliveries (channel, run_at)
where run_at is not null;
create index deliveries_held on supajobs.deliveries (claim_id) where is_held;
create index deliveries_by_notification
on supajobs.deliveries (notification_id);

-- Writes the deliveries of notifications that have none yet, at most p_max_notifications at a time.
-- {due, more}: due is {channel: seconds until its next delivery is due, not above 0 if it is due
-- now}; more says that others are still to be addressed.
create function public.address_plan_job_notifications(
  p_channels text[], p_max_notifications integer default 500
) returns json
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
set enable_seqscan = off
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_fresh uuid[];
begin
  v_fresh := array(
    select notification.id
    from supajobs.notifications as notification
    where notification.addressed_at is null
    order by notification.id
    limit p_max_notifications
    for update skip locked
  );
  if v_fresh <> '{}' then
    update supajobs.notifications set addressed_at = v_now where id = any(v_fresh);
    insert into supajobs.deliveries (notification_id, channel, push_token_id, run_at)
    select notification.id, token.kind, token.id, v_now
    from supajobs.notifications as notification
    inner join public.plan_push_tokens as token on notification.user_id = token.user_id
    where notification.id = any(v_fresh) and token.kind = any(p_channels)
    union all
    select fresh.id, 'webhook', null, v_now
    from unnest(v_fresh) as fresh (id)
    where 'webhook' = any(p_channels);
  end if;

  return json_build_object(
    'due', (
      select coalesce(json_object_agg(known.channel, next.seconds), '{}')
      from unnest(p_channels) as known (channel)
      cross join lateral (
        select extract(epoch from delivery.run_at - clock_timestamp()) as seconds
        from supajobs.deliveries as delivery
        where delivery.channel = known.channel and delivery.run_at is not null
        order by delivery.run_at
        limit 1
      ) as next
    ),
    'more', cardinality(v_fresh) = p_max_notifications
  );
end
$$;

-- Takes due deliveries of one channel, for p_lease_seconds: [{id, attempts, ticket, notification,
-- device}]. One that has a ticket was sent before, and is to be asked about. What is older than a
-- day ends here, and so does what is for a device that is gone, or another user's by now. Copies of
-- one call take turns, as in claim_plan_jobs.
create function public.claim_plan_job_deliveries(
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
    select from supajobs.deliveries where claim_id = p_claim_id and is_held
  ) then
    update supajobs.deliveries as delivery
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
        from supajobs.deliveries as mine
        inner join supajobs.notifications as notification
          on mine.notification_id = notification.id
        left join public.plan_push_tokens as token on mine.push_token_id = token.id
        where mine.id = any(array(
          select free.id
          from supajobs.deliveries as free
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
      from supajobs.deliveries as delivery
      inner join supajobs.notifications as notification
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

-- Says what became of claimed deliveries: [{id, outcome, error?, wait?, ticket?}].
--
-- delivered; sent: the push service has it, ask for the ticket in `wait` seconds; retry: again
-- after `wait` seconds, and no sooner than a backoff of 5, 15, 45 … seconds, 4 hours at most, of
-- which up to a half is left to chance; failed: the receiver does not want it; gone: nor anything
-- else, ever, so its device is forgotten, unless it has said since that it is there.
--
-- Answers [{id, outcome, run_at?}]: delivered | sent | retrying | failed | expired (it was the last
-- of 15 attempts, or the next would be after a day) | stale (the claim no longer holds).
create function public.settle_plan_job_deliveries(
  p_claim_id uuid, p_deliveries jsonb
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  with given as (
    select * from jsonb_to_recordset(p_deliveries) as given (
      id uuid, outcome text, error text, wait double precision, ticket text
    )
  ),

  held as (
    select
      delivery.id,
      given.outcome,
      given.error,
      given.ticket,
      delivery.push_token_id,
      delivery.tried_at,
      delivery.attempts,
      notification.occurred_at + interval '1 day' as gives_up_at,
      v_now + make_interval(
        secs => case
          when given.outcome = 'sent' and given.wait is not null
            then greatest(1, least(86400, given.wait))
          else least(86400, greatest(
            given.wait,
            least(14400, 5 * power(3, least(delivery.attempts, 20) - 1)) * (0.5 + random() / 2)
          ))
        end
      ) as next_at
    from supajobs.deliveries as delivery
    inner join given on delivery.id = given.id
    inner join supajobs.notifications as notification
      on delivery.notification_id = notification.id
    where delivery.claim_id = p_claim_id and delivery.is_held
    order by delivery.id
    for update of delivery
  ),

  judged as (
    select
      held.*,
      case
        when held.outcome in ('delivered', 'sent') then held.outcome
        when held.outcome in ('failed', 'gone') then 'failed'
        when held.attempts >= 15 or held.next_at > held.gives_up_at then 'expired'
        else 'pending'
      end as status
    from held
  ),

  settled as (
    update supajobs.deliveries as delivery
    set
      status = judged.status,
      error = judged.error,
      is_held = false,
      ticket = case judged.status when 'sent' then coalesce(judged.ticket, delivery.ticket) end,
      run_at = case when judged.status in ('pending', 'sent') then judged.next_at end,
      ended_at = case when judged.status not in ('pending', 'sent') then v_now end
    from judged
    where delivery.id = judged.id
  )

  -- Whoever has it locked deletes it with its user, or says that it is there.
  delete from public.plan_push_tokens
  where id = any(array(
    select token.id
    from public.plan_push_tokens as token
    inner join judged on token.id = judged.push_token_id
    where judged.outcome = 'gone' and token.registered_at <= judged.tried_at
    for update of token skip locked
  ));

  return (
    select
      coalesce(
        json_agg(
          json_strip_nulls(
            json_build_object(
              'id', given.id,
              'outcome', case
                when delivery.id is null then 'stale'
                when delivery.status = 'pending' then 'retrying'
                else delivery.status
              end,
              'run_at', delivery.run_at
            )
          )
        ),
        '[]'
      )
    from jsonb_to_recordset(p_deliveries) as given (id uuid)
    left join supajobs.deliveries as delivery
      on given.id = delivery.id and delivery.claim_id = p_claim_id
  );
end
$$;

revoke all on function
public.address_plan_job_notifications,
public.claim_plan_job_deliveries,
public.settle_plan_job_deliveries
from public, anon, authenticated;
grant execute on function
public.address_plan_job_notifications,
public.claim_plan_job_deliveries,
public.settle_plan_job_deliveries
to service_role;
