begin;
select plan(8);

select is(supajobs.schedule_seconds(schedule), null, schedule)
from
  unnest(array[
    '0,30 * * * *',
    '5-10 * * * *',
    '*/5 8-18 * * 1-5',
    '0 3 1 * *',
    '0 3 $ * *',
    '@monthly',
    '*/5 */2 * * *',
    'soon'
  ]) as schedule;

select * from finish();
rollback;
