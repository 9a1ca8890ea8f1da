begin;
select plan(2);

select tests.schedule('* * * * *', p_age => '1 year');
insert into cron.job_run_details (jobid, status, start_time)
select
  0 as jobid,
  'succeeded' as status,
  now() - number * interval '100 milliseconds' as start_time
from generate_series(1000, 1, -1) as number;

select is(tests.trigger() -> 'is_alive', 'true', 'they reach 100 seconds back');

update cron.job_run_details set start_time = start_time - interval '90 seconds' where true;
select is(tests.trigger() -> 'is_alive', 'false', 'three of its periods and more');

select * from finish();
rollback;
