-- What a hosted project has before its first migration. Runs once, as the cluster's superuser.

create role postgres login createdb createrole replication bypassrls;
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend, pg_create_subscription to postgres;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';

alter database postgres owner to postgres;
alter role postgres set search_path = "$user", public, extensions;

-- No default privileges: a new table is open to nobody until a migration says so.
grant usage on schema public to postgres, anon, authenticated, service_role;

create schema extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
create extension pg_stat_statements with schema extensions;

create schema vault;
create extension supabase_vault with schema vault;

create schema supabase_migrations authorization postgres;
create table supabase_migrations.schema_migrations (
    version text primary key,
    statements text[],
    name text,
    created_by text,
    idempotency_key text unique,
    rollback text[]
);
alter table supabase_migrations.schema_migrations owner to postgres;

-- The REST server caches the schema; on Supabase, too, event triggers tell it of changes.
create function extensions.notify_pgrst() returns event_trigger
language plpgsql set search_path = '' as $$
begin
    notify pgrst, 'reload schema';
end $$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.notify_pgrst();
create event trigger pgrst_drop_watch on sql_drop execute function extensions.notify_pgrst();
