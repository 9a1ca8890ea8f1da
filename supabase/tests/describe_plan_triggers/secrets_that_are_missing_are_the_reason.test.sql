begin;
select plan(5);

select tests.schedule();
select tests.run('1 second', 'failed', 'ERROR: …');
delete from vault.secrets where name = 'supajobs_cron_secret';

select is(
  public.describe_plan_triggers()::jsonb -> 'secrets',
  '{"supajobs_process_url": true, "supajobs_cron_secret": false}',
  'which is there'
);
select is(tests.trigger() -> 'is_alive', 'false', 'it needs both');
select alike(tests.trigger() ->> 'reason', 'Vault lacks its secrets: select vault.%', 'how to set');
select is(
  public.describe_plan_triggers() ->> 'process_url', 'https://app.example/v1/queue/process',
  'the address is told'
);
select unalike(public.describe_plan_triggers()::text, '%open sesame%', 'the secret is not');

select * from finish();
rollback;
