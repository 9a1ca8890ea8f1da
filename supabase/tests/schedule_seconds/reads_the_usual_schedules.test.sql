begin;
select plan(14);

select is(supajobs.schedule_seconds(schedule), seconds, schedule)
from (
  values
  ('30 seconds', 30),
  ('1 second', 1),
  ('* * * * *', 60),
  ('  *  * * * * ', 60),
  ('*/5 * * * *', 300),
  ('17 * * * *', 3600),
  ('@hourly', 3600),
  ('0 */6 * * *', 21600),
  ('0 3 * * *', 86400),
  ('@daily', 86400),
  ('@midnight', 86400),
  ('0 3 * * 1', 604800),
  ('0 3 * * sun', 604800),
  ('@weekly', 604800)
) as expected (schedule, seconds);

select * from finish();
rollback;
