-- Who is told, and what. The devices of users are here as push services name them. The end of a job
-- that notifies is written down in the transaction that ends it, once for each end: a repeated
-- settle changes no row, and a job that ends again after a retry has a second end. What is in the
-- outbox is what receivers are told: no params, no result.
--
-- Whether somebody is told, enqueue_plan_job copies from the type, as it copies its limits: the
-- condition of a trigger then decides alone, and the end of a job that tells nobody costs no
-- look-up (it would be 4 µs, a quarter of what a completion in a batch costs).

create table public.plan_push_tokens (
  id uuid primary key default supajobs.new_id(),
  user_id uuid not null references auth.users (id) on delete cascade,
  kind text not null,
  token text not null,
  p256dh text,
  auth text,
  created_at timestamptz not null default now(),
  registered_at timestamptz not null default now(),

  constraint plan_push_tokens_one_per_device unique (token),
  constraint plan_push_tokens_kind_known check (kind in ('expo', 'web')),
  constraint plan_push_tokens_keys_iff_web check (
    (kind = 'web') = (p256dh is not null) and (kind = 'web') = (auth is not null)
  ),
  -- Longer ones do not fit into the index.
  constraint plan_push_tokens_token_in_range check (length(token) between 1 and 2048)
);
comment on table public.plan_push_tokens is
'Devices that show the notifications of their user.';
comment on column public.plan_push_tokens.token is
'An Expo push token, or the endpoint of a Web Push subscription. Who has it can write there.';
comment on column public.plan_push_tokens.p256dh is
'The public key of a Web Push subscription, for which messages are encrypted; auth is its secret.';
comment on column public.plan_push_tokens.registered_at is
'When the device last said that it is there.';
create index plan_push_tokens_by_user on public.plan_push_tokens (user_id, registered_at);
alter table public.plan_push_tokens enable row level security;
create policy plan_push_tokens_read_by_owner
on public.plan_push_tokens for select to authenticated
using ((select auth.uid()) = user_id);
revoke all on table public.plan_push_tokens from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_push_tokens to service_role;
-- A device knows its own token. It need not know those of the user's other devices.
grant select (id, user_id, kind, created_at, registered_at)
on table public.plan_push_tokens to authenticated;

-- Registers a device of a user, or says that it is still there. A device that was another user's
-- is this one's from now on, under a new id: what was addressed to it before does not reach it.
-- A user has 20 devices at most; a further one takes the place of the one that has been silent the
-- longest. Answers {outcome, push_token: {id, kind, created_at}}: created | existing.
create function public.register_plan_push_token(
  p_user_id uuid, p_kind text, p_token text, p_p256dh text default null, p_auth text default null
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_token public.plan_push_tokens;
begin
  insert into public.plan_push_tokens as known (
    user_id, kind, token, p256dh, auth, created_at, registered_at
  )
  values (p_user_id, p_kind, p_token, p_p256dh, p_auth, v_now, v_now)
  on conflict (token) do update
  set
    id = case when known.user_id = excluded.user_id then known.id else excluded.id end,
    created_at = case
      when known.user_id = excluded.user_id then known.created_at
      else excluded.created_at
    end,
    user_id = excluded.user_id,
    kind = excluded.kind,
    p256dh = excluded.p256dh,
    auth = excluded.auth,
    registered_at = excluded.registered_at
  returning * into v_token;

  delete from public.plan_push_tokens
  where id = any(array(
    select excess.id from public.plan_push_tokens as excess
    where excess.id in (
      select mine.id from public.plan_push_tokens as mine
      where mine.user_id = p_user_id
      order by mine.registered_at desc, mine.id desc
      offset 20
    )
    for update skip locked
  ));

  return json_build_object(
    'outcome', case when v_token.created_at = v_now then 'created' else 'existing' end,
    'push_token', json_build_object(
      'id', v_token.id, 'kind', v_token.kind, 'created_at', v_token.created_at
    )
  );
end
$$;

-- Forgets a device. Outcomes: deleted | not_found (the user has no such device).
create function public.delete_plan_push_token(p_push_token_id uuid, p_user_id uuid) returns json
language plpgsql
volatile
set search_path = ''
as $$
begin
  delete from public.plan_push_tokens where id = p_push_token_id and user_id = p_user_id;
  return json_build_object('outcome', case when found then 'deleted' else 'not_found' end);
end
$$;

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
alter table public.plan_job_messages enable row level security;
create policy plan_job_messages_closed_to_clients on public.plan_job_messages
for all to anon, authenticated using (false);
revoke all on table public.plan_job_messages from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.plan_job_messages to service_role;

-- Without a foreign key to the user: whoever ends a job holds its lock, and the deletion of a user
-- takes the user's before those of the jobs. They go with the jobs or devices of a user who goes.
create table supajobs.notifications (
  id uuid primary key default supajobs.new_id(),
  job_id uuid not null,
  user_id uuid not null,
  job_type text not null,
  event text not null,
  trace_id text,
  project_id uuid,
  plan_id uuid,
  title text,
  error jsonb,
  occurred_at timestamptz not null,
  addressed_at timestamptz,

  constraint notifications_event_known check (event in ('job.completed', 'job.failed'))
);
comment on table supajobs.notifications is
'Ends of jobs that somebody is told of. Receivers know one that they get twice by its id.';
comment on column supajobs.notifications.job_id is
'The job may be deleted before.';
comment on column supajobs.notifications.title is
'The title in the result of the job, if it has one.';
comment on column supajobs.notifications.addressed_at is
'When its deliveries were written.';
create index notifications_unaddressed on supajobs.notifications (id)
where addressed_at is null;
create index notifications_by_user on supajobs.notifications (user_id);

-- Nobody is told of the jobs of a user who is gone.
create function supajobs.delete_notifications() returns trigger
language plpgsql
volatile
security definer -- as a foreign key: whoever deletes a user has no rights here
set search_path = ''
as $$
begin
  delete from supajobs.notifications
  where user_id in (
    select gone.user_id from deleted as gone
    where not exists (select from auth.users as person where person.id = gone.user_id)
  );
  return null;
end
$$;

create trigger plan_generation_jobs_take_notifications_along
after delete on public.plan_generation_jobs
referencing old table as deleted
for each statement execute function supajobs.delete_notifications();
create trigger plan_push_tokens_take_notifications_along
after delete on public.plan_push_tokens
referencing old table as deleted
for each statement execute function supajobs.delete_notifications();

create function supajobs.write_notification() returns trigger
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- A job that the sweep has failed may still be completed by who had it: that is news.
  if old.status = new.status or new.status not in ('completed', 'failed') then
    return null;
  end if;
  insert into supajobs.notifications (
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

-- The column keeps claims and heartbeats away from the trigger, and its condition, which each
-- statement parses anew, is as short as can be.
create trigger plan_generation_jobs_notify_at_the_end
after update of completed_at on public.plan_generation_jobs
for each row
when (new.notifies)
execute function supajobs.write_notification();

-- Deletes notifications, and with them their deliveries, after three days: two after the last of
-- them was given up. The oldest first, at most p_max_rows at a time. Answers {"deleted": n}.

create function supajobs.cleanup_notifications(
  p_max_rows integer default 1000
) returns json
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_deleted integer;
begin
  delete from supajobs.notifications
  where id = any(array(
    select old.id from supajobs.notifications as old
    where old.id in (
      select oldest.id
      from (
        -- Ids are in time order, so the oldest are found without an index on the time.
        select notification.id, notification.occurred_at
        from supajobs.notifications as notification
        order by notification.id
        limit p_max_rows
      ) as oldest
      where oldest.occurred_at < now() - interval '3 days'
    )
    for update skip locked
  ));
  get diagnostics v_deleted = row_count;
  return json_build_object('deleted', v_deleted);
end
$$;

revoke all on function
public.register_plan_push_token,
public.delete_plan_push_token
from public, anon, authenticated;
grant execute on function
public.register_plan_push_token,
public.delete_plan_push_token
to service_role;
