begin;
select plan(3);

select tests.schedule();
select tests.run_all();
select cron.alter_job(jobid, active := false) from cron.job where jobname = 'supajobs_process';

select is(tests.trigger() -> 'active', 'false', 'it is told');
select is(tests.trigger() -> 'is_alive', 'false', 'at once');
select alike(
  tests.trigger() ->> 'reason',
  'It is switched off: select cron.alter_job(jobid, active := true) %',
  'and how to switch it on'
);

select * from finish();
rollback;
