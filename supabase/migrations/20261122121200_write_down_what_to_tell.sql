-- The outbox. The end of a job that notifies is written down in the transaction that ends it, once
-- for each end: a repeated settle changes no row, and a job that ends again after a retry has a
-- second end. What is in it is what receivers are told: no params, no result.

create table public.plan_job_messages (
  job_type text not null references public.plan_job_types (job_type)
  on update cascade on delete cascade,
  event text not null,
  title text not null,
  body text not null,

  primary key (job_type, event),
  constraint plan_job_messages_event_known check (event in ('job.completed', 'job.failed'))
);

comment on table public.plan_job_messages is
'What devices show. {title} is the title in the job''s result, {error} what its user is told of the
failure, {job_type} its type. A text that needs what a job has not is replaced by a general one.';

insert into public.plan_job_messages (job_type, event, title, body)
select
  type.job_type,
  message.event,
  message.title,
  message.body
from public.plan_job_types as type
cross join (
  values
  ('job.completed', 'Your training plan is ready', '{title}'),
  ('job.failed', 'Your training plan could not be written', '{error}')
) as message (event, title, body)
where type.job_type = 'training_plan';

create table public.plan_job_notifications (
  id uuid primary key default public.new_plan_job_id(),
  job_id uuid not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  job_type text not null,
  event text not null,
  trace_id text,
  project_id uuid,
  plan_id uuid,
  title text,
  error jsonb,
  occurred_at timestamptz not null,
  addressed_at timestamptz,

  constraint plan_job_notifications_event_known check (event in ('job.completed', 'job.failed'))
);

comment on table public.plan_job_notifications is
'Ends of jobs that somebody is told of. Receivers know one that they get twice by its id.';
comment on column public.plan_job_notifications.job_id is
'The job may be deleted before.';
comment on column public.plan_job_notifications.title is
'The title in the result of the job, if it has one.';
comment on column public.plan_job_notifications.addressed_at is
'When its deliveries were written.';

create index plan_job_notifications_unaddressed on public.plan_job_notifications (id)
where addressed_at is null;
create index plan_job_notifications_by_user on public.plan_job_notifications (user_id);

create table public.plan_job_deliveries (
  id uuid primary key default public.new_plan_job_id(),
  notification_id uuid not null references public.plan_job_notifications (id) on delete cascade,
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

  constraint plan_job_deliveries_channel_known check (channel in ('expo', 'web', 'webhook')),
  constraint plan_job_deliveries_to_a_device_unless_webhook check (
    (channel = 'webhook') = (push_token_id is null)
  ),
  constraint plan_job_deliveries_status_known check (
    status in ('pending', 'sent', 'delivered', 'failed', 'expired')
  ),
  constraint plan_job_deliveries_run_at_until_the_end check (
    (status in ('pending', 'sent')) = (run_at is not null)
  ),
  constraint plan_job_deliveries_ended_at_iff_ended check (
    (status in ('pending', 'sent')) = (ended_at is null)
  )
);

comment on table public.plan_job_deliveries is
'One notification to one device, or to the webhook.';
comment on column public.plan_job_deliveries.push_token_id is
'The device may be gone.';
comment on column public.plan_job_deliveries.status is
'sent: the push service has taken it, and says later what became of it. failed: the receiver does
not want it. expired: given up after 15 attempts, or a day.';
comment on column public.plan_job_deliveries.run_at is
'Not before this time. While a claim holds it: when the claim''s lease is over.';
comment on column public.plan_job_deliveries.claim_id is
'Made by the process that sends, the fencing token of its settle. Stays until the next claim.';
comment on column public.plan_job_deliveries.ticket is
'Under which the push service says what became of it.';
comment on column public.plan_job_deliveries.error is
'What went wrong with the latest attempt, in one word.';

create index plan_job_deliveries_due on public.plan_job_deliveries (channel, run_at)
where run_at is not null;
create index plan_job_deliveries_held on public.plan_job_deliveries (claim_id) where is_held;
create index plan_job_deliveries_by_notification
on public.plan_job_deliveries (notification_id);

alter table public.plan_job_messages enable row level security;
create policy plan_job_messages_closed_to_clients on public.plan_job_messages
for all to anon, authenticated using (false);
alter table public.plan_job_notifications enable row level security;
create policy plan_job_notifications_closed_to_clients on public.plan_job_notifications
for all to anon, authenticated using (false);
alter table public.plan_job_deliveries enable row level security;
create policy plan_job_deliveries_closed_to_clients on public.plan_job_deliveries
for all to anon, authenticated using (false);

revoke all on table public.plan_job_messages from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_messages to service_role;
revoke all on table public.plan_job_notifications from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_notifications to service_role;
revoke all on table public.plan_job_deliveries from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_deliveries to service_role;

create function public.write_plan_job_notification() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- A job that the sweep has failed may still be completed by who had it: that is news.
  if old.status = new.status or new.status not in ('completed', 'failed') then
    return null;
  end if;
  insert into public.plan_job_notifications (
    job_id, user_id, job_type, event, trace_id, project_id, plan_id, title, error, occurred_at
  )
  values (
    new.id, new.user_id, new.job_type, 'job.' || new.status, new.trace_id, new.project_id,
    new.plan_id, left(new.result ->> 'title', 200),
    case
      when new.status = 'failed'
        then jsonb_build_object(
          'code', coalesce(new.error ->> 'code', 'unknown'),
          'message', left(coalesce(new.error ->> 'message', ''), 500)
        )
    end,
    new.completed_at
  );
  return null;
end
$$;

revoke all on function public.write_plan_job_notification() from public, anon, authenticated;
grant execute on function public.write_plan_job_notification() to service_role;

-- The column keeps claims and heartbeats away from the trigger, and its condition, which each
-- statement parses anew, is as short as can be.
create trigger plan_generation_jobs_notify_at_the_end
after update of completed_at on public.plan_generation_jobs
for each row
when (new.notifies)
execute function public.write_plan_job_notification();
