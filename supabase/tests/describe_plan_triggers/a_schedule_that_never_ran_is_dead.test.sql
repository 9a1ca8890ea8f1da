begin;
select plan(3);

select tests.schedule(p_age => '96 seconds');

select is(tests.trigger() -> 'is_alive', 'false', 'after three periods');
select alike(tests.trigger() ->> 'reason', 'pg_cron has not run it yet: see %', 'it says so');
select is(
  tests.trigger('supajobs_cleanup') -> 'is_alive', 'true', 'each by its own period'
);

select * from finish();
rollback;
