begin;
select plan(1);

delete from vault.secrets where name like 'supajobs%';
select vault.create_secret('https://app.example/v1/queue/process', 'supajobs_process_url');
select vault.create_secret('open sesame', 'supajobs_cron_secret');

create temp table request as select supajobs.trigger_processing() as id;

select results_eq(
  $$
    select
      queued.method::text,
      queued.url,
      queued.headers,
      convert_from(queued.body, 'utf8')::jsonb,
      queued.timeout_milliseconds
    from net.http_request_queue as queued
    inner join request on queued.id = request.id
  $$,
  $$
    values (
      'POST',
      'https://app.example/v1/queue/process',
      '{"Content-Type": "application/json", "Authorization": "Bearer open sesame"}'::jsonb,
      '{}'::jsonb,
      5000
    )
  $$,
  'pg_net has the request, with a timeout'
);

select * from finish();
rollback;
