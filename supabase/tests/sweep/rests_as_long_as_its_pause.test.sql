begin;
select plan(2);

update supajobs.sweeps
set swept_at = clock_timestamp() - interval '4 seconds', pause = interval '5 seconds'
where true;
create temp table before as select * from supajobs.sweeps;
select supajobs.sweep();
select results_eq(
  'select * from supajobs.sweeps', 'select * from before', 'four of five seconds are over'
);

update supajobs.sweeps set swept_at = clock_timestamp() - interval '5.1 seconds'
where true;
select supajobs.sweep();
select ok((select min(swept_at) > now() from supajobs.sweeps), 'after five it looks again');

select * from finish();
rollback;
