-- The last steps of an installation in one call, for `supajobs setup`: writes the processor's
-- address and secret into Vault, where they are not yet there, and registers the schedules.
-- Outcomes: scheduled | unavailable.
create function public.set_up_plan_job_processing(
  p_process_url text, p_cron_secret text, p_schedule text default '30 seconds'
) returns json
language plpgsql
volatile
-- Vault's functions and pg_cron's are not for service_role, and the schedules run as whoever
-- registers them. See docs/decisions/0010.
security definer
set search_path = ''
as $$
declare
  v_secret record;
  v_known record;
begin
  if (p_process_url ~ '^https?://[^\s/]' and length(p_cron_secret) >= 16) is not true then
    raise sqlstate 'PT422' using
      message = 'The processor has an address, https://…, and a secret of at least 16 characters.',
      detail = 'invalid_processor';
  end if;

  if to_regclass('vault.decrypted_secrets') is not null then
    for v_secret in
      select *
      from (
        values
        ('supajobs_process_url', p_process_url), ('supajobs_cron_secret', p_cron_secret)
      ) as wanted (name, value)
    loop
      select id, decrypted_secret into v_known
      from vault.decrypted_secrets where name = v_secret.name;
      if v_known.id is null then
        perform vault.create_secret(v_secret.value, v_secret.name);
      elsif v_known.decrypted_secret is distinct from v_secret.value then
        perform vault.update_secret(v_known.id, v_secret.value);
      end if;
    end loop;
  end if;

  return public.schedule_plan_job_processing(p_schedule);
end
$$;

revoke all on function public.set_up_plan_job_processing(text, text, text)
from public, anon, authenticated;
grant execute on function public.set_up_plan_job_processing(text, text, text) to service_role;
