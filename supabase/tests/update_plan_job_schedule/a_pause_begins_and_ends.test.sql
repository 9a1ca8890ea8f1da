begin;
select plan(5);

select tests.make_recurring('weekly');
create temporary table asked as
select
  (tests.recurring('weekly')).id as id,
  tests.id('user a') as user_id;

select public.update_plan_job_schedule(id, user_id, '{"is_paused": true}') from asked;
select isnt((tests.recurring('weekly')).paused_at, null, 'paused');
select is(tests.take('weekly'), 'stale', 'nobody takes it');
update public.plan_job_schedules set paused_at = '2020-01-01Z' where name = 'weekly';
select public.update_plan_job_schedule(id, user_id, '{"is_paused": true}') from asked;
select is((tests.recurring('weekly')).paused_at, '2020-01-01Z'::timestamptz, 'since then');
select
  public.update_plan_job_schedule(
    id, user_id, '{"is_paused": false, "next_run_at": "2100-01-01Z", "period_seconds": 60}'
  )
from asked;
select is((tests.recurring('weekly')).paused_at, null, 'resumed');
select is((tests.recurring('weekly')).next_run_at, '2100-01-01Z'::timestamptz, 'goes on then');

select * from finish();
rollback;
