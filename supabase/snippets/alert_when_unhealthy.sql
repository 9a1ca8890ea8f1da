-- Does the queue not do its work? Then tell a webhook, every five minutes until it does again.
--
-- First, once: select vault.create_secret('https://<your webhook>', 'supajobs_alert_url');
-- Slack takes the body as it is; for Discord call the text "content".
-- To stop it: select cron.unschedule('supajobs_alert');
-- Nobody is told where pg_cron itself has stopped: let a monitor from outside ask GET /health/jobs
-- as well.
select
  cron.schedule(
    'supajobs_alert',
    '*/5 * * * *',
    $$
      select
        net.http_post(
          url := secret.decrypted_secret,
          body := jsonb_build_object(
            'text',
            format(
              'supajobs is %s. %s',
              queue.health ->> 'status',
              (
                select string_agg(reason ->> 'message', ' ')
                from jsonb_array_elements(queue.health -> 'reasons') as reason
              )
            )
          ),
          timeout_milliseconds := 5000
        )
      from (select public.check_plan_queue()::jsonb as health) as queue
      inner join vault.decrypted_secrets as secret on secret.name = 'supajobs_alert_url'
      where queue.health ->> 'status' <> 'healthy'
    $$
  );
