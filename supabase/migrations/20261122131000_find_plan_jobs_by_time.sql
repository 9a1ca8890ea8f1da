-- Jobs by when they were requested, without an index on the time: their ids are in its order.

-- The least id that a job requested at this time could have:
--   where id >= public.plan_job_id_at(now() - interval '1 day')
create function public.plan_job_id_at(p_at timestamptz) returns uuid
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
declare
  v_micros bigint := extract(epoch from p_at) * 1000000;
begin
  return encode(
    -- As new_plan_job_id puts it together, with the least there is for the randomness.
    substring(int8send(v_micros / 1000) from 3)
    || int2send((28672 + v_micros % 1000 * 4096 / 1000)::smallint)
    || '\x8000000000000000',
    'hex'
  )::uuid;
end
$$;

revoke all on function public.plan_job_id_at(timestamptz) from public, anon, authenticated;
grant execute on function public.plan_job_id_at(timestamptz) to service_role;
