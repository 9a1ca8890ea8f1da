begin;
select plan(1);

delete from vault.secrets where name like 'supajobs%';
select public.set_up_plan_job_processing('https://app.example/x', 'open sesame, again');
select public.set_up_plan_job_processing('https://app.example/y', 'close sesame, again');

select results_eq(
  $$
    select decrypted_secret from vault.decrypted_secrets
    where name like 'supajobs%' order by name
  $$,
  array['close sesame, again', 'https://app.example/y'],
  'each is there once'
);

select * from finish();
rollback;
