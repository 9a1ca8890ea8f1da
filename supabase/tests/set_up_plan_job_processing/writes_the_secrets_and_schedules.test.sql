begin;
select plan(3);

delete from vault.secrets where name like 'supajobs%';
set local role service_role;
select is(
  public.set_up_plan_job_processing(
    'https://app.example/v1/queue/process', 'open sesame, again', '20 seconds'
  ) ->> 'outcome',
  'scheduled',
  'the service may'
);

reset role;
select results_eq(
  $$
    select name, decrypted_secret from vault.decrypted_secrets
    where name like 'supajobs%' order by name
  $$,
  $$
    values
    ('supajobs_cron_secret', 'open sesame, again'),
    ('supajobs_process_url', 'https://app.example/v1/queue/process')
  $$,
  'the secrets are in Vault'
);
select results_eq(
  $$
    select jobname, schedule, username from cron.job
    where jobname like 'supajobs%' order by jobname
  $$,
  $$
    values
    ('supajobs_cleanup', '* * * * *', 'postgres'), ('supajobs_process', '20 seconds', 'postgres')
  $$,
  'the schedules run as the owner'
);

select * from finish();
rollback;
