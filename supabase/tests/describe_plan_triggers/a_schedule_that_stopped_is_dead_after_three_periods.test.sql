begin;
select plan(5);

select tests.schedule();
select tests.run('92 seconds');
select is(tests.trigger() -> 'is_alive', 'true', 'a run may be late');

delete from cron.job_run_details where true;
select tests.run('96 seconds');
select is(tests.trigger() -> 'is_alive', 'false', 'not by more');
select alike(
  tests.trigger() ->> 'reason',
  'pg_cron has not run it since '
  || to_char(now() at time zone 'utc' - interval '96 seconds', 'YYYY-MM-DD HH24:MI:SS')
  || ' UTC: %',
  'since when'
);

select tests.schedule('0,30 * * * *', p_age => '1 year');
select tests.run('71 hours');
select is(tests.trigger() -> 'is_alive', 'true', 'where the period is not known, after three days');
delete from cron.job_run_details where true;
select tests.run('73 hours');
select is(tests.trigger() -> 'is_alive', 'false', 'then it is dead');

select * from finish();
rollback;
