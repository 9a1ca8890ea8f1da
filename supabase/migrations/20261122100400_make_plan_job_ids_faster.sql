-- Replaces new_plan_job_id: the same UUIDv7 (RFC 9562), put together from bytes, in a language
-- whose plans are kept.

create or replace function public.new_plan_job_id() returns uuid
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
