-- The devices of users, as push services name them.

create table public.plan_push_tokens (
  id uuid primary key default public.new_plan_job_id(),
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

revoke all on function public.register_plan_push_token(uuid, text, text, text, text)
from public, anon, authenticated;
grant execute on function public.register_plan_push_token(uuid, text, text, text, text)
to service_role;
revoke all on function public.delete_plan_push_token(uuid, uuid) from public, anon, authenticated;
grant execute on function public.delete_plan_push_token(uuid, uuid) to service_role;
