begin;
select plan(1);

delete from vault.secrets where name like 'supajobs%';
select public.set_up_plan_job_processing('https://app.example/x', 'open sesame, again');
create temp table before as
select
  secret.ctid as place,
  secret.*
from vault.secrets as secret;
create temp table jobs as select * from cron.job;

select public.set_up_plan_job_processing('https://app.example/x', 'open sesame, again');
select is_empty(
  $$
    select name from (
      table before except select ctid, secret.* from vault.secrets as secret
    ) as changed
    union all
    select jobname from (table jobs except table cron.job) as changed
  $$,
  'neither secrets nor schedules'
);

select * from finish();
rollback;
