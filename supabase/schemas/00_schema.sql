-- What all the other files stand on: the schema of what is internal, the extensions that the queue
-- uses where they are, and the ids of its rows.
--
-- The files are applied in the order of their numbers. To know the queue, read 10 to 14: how a job
-- comes in, is claimed, is kept by heartbeats, ends, and is taken back from a worker that went
-- silent. From 50 on they are families: what brings job types and tables of its own.

-- public holds what people and clients use: jobs and their types, views, and the functions that are
-- called from outside. All else is in a schema of its own, which PostgREST does not serve and only
-- the service may use: there a table needs no policy, and a function nobody's permission. So this
-- default concerns nothing but what is made in it. See docs/decisions/0001.
create schema supajobs;
comment on schema supajobs is
'What the queue keeps for itself. Its functions and tables change without notice.';
grant usage on schema supajobs to service_role;
alter default privileges in schema supajobs
grant select, insert, update, delete on tables to service_role;
alter default privileges in schema supajobs
grant execute on functions to service_role;

-- The clock of the queue (30): pg_cron asks pg_net to call the processor's endpoint, whose address
-- and secret lie in Vault. Each of the three is used where the project has it.

do $$
declare
  v_extension record;
begin
  for v_extension in
    select wanted.name, wanted.place, available.name is not null as is_available
    from (
      values ('pg_cron', ''), ('pg_net', ' schema extensions'), ('supabase_vault', '')
    ) as wanted (name, place)
    left join pg_available_extensions as available on wanted.name = available.name
  loop
    if v_extension.is_available then
      execute format('create extension if not exists %I', v_extension.name) || v_extension.place;
    else
      raise notice 'supajobs: % is not available here; schedules need it', v_extension.name;
    end if;
  end loop;
end
$$;

-- UUIDv7 (RFC 9562): milliseconds, then the fraction of the millisecond in the 12 bits after the
-- version, then randomness. Ids in time order keep the primary key's inserts on its last page. Put
-- together from bytes, in a language whose plans are kept.
create function supajobs.new_id() returns uuid
language plpgsql
volatile
set search_path = ''
as $$
declare
  v_micros bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
  return encode(
    -- 48 bits of milliseconds; version 7 and 12 bits of the fraction; variant and randomness.
    substring(int8send(v_micros / 1000) from 3)
    || int2send((28672 + v_micros % 1000 * 4096 / 1000)::smallint)
    || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid;
end
$$;
