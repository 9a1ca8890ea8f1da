begin;
select plan(2);

update supajobs.sweep
set swept_at = clock_timestamp() - interval '4 seconds', pause = interval '5 seconds'
where singleton;
create temp table before as select * from supajobs.sweep;
select supajobs.sweep_expired_jobs();
select results_eq(
  'select * from supajobs.sweep', 'select * from before', 'four of five seconds are over'
);

update supajobs.sweep set swept_at = clock_timestamp() - interval '5.1 seconds'
where singleton;
select supajobs.sweep_expired_jobs();
select ok((select swept_at > now() from supajobs.sweep), 'after five it looks again');

select * from finish();
rollback;
