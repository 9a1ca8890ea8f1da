-- Runs at every start: the server has just made its own, simpler versions of these functions.

create or replace function auth.uid() returns uuid language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
    )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
    )::text
$$;

create or replace function auth.email() returns text language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
    )::text
$$;

create or replace function auth.jwt() returns jsonb language sql stable as $$
    select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
$$;

grant usage on schema auth to anon, authenticated, service_role;
grant usage on schema auth to postgres with grant option;
grant all on all tables in schema auth to postgres with grant option;
grant execute on all functions in schema auth to public;

-- The server writes JSON into these columns as a string within JSON.
create or replace function auth.unwrap_json() returns trigger
language plpgsql set search_path = '' as $$
begin
    if tg_table_name = 'identities' then
        new.identity_data := coalesce((new.identity_data #>> '{}')::jsonb, '{}');
    else
        new.raw_app_meta_data := coalesce((new.raw_app_meta_data #>> '{}')::jsonb, '{}');
        new.raw_user_meta_data := coalesce((new.raw_user_meta_data #>> '{}')::jsonb, '{}');
    end if;
    return new;
end $$;
create or replace trigger a_unwrap_json before insert or update on auth.users
for each row execute function auth.unwrap_json();
create or replace trigger a_unwrap_json before insert or update on auth.identities
for each row execute function auth.unwrap_json();
