begin;
select plan(2);

delete from vault.secrets where name like 'supajobs%';

select throws_ok(
  'select supajobs.trigger_processing()',
  'The Vault secrets supajobs_process_url and supajobs_cron_secret are not set.'
);

select vault.create_secret('https://app.example/v1/queue/process', 'supajobs_process_url');
select throws_ok(
  'select supajobs.trigger_processing()',
  'The Vault secrets supajobs_process_url and supajobs_cron_secret are not set.'
);

select * from finish();
rollback;
