begin;
select plan(7);

select tests.calm_queue();
select tests.empty_outbox();
update public.plan_job_schedules set paused_at = now() where true;
select is(supajobs.has_errands(), false, 'nothing waits');

select tests.make_recurring('due');
select is(
  public.describe_plan_scale()::jsonb -> 'total',
  '{"due": 0, "running": 0, "workers": 1}',
  'a schedule is due'
);
update public.plan_job_schedules set paused_at = now() where true;
select is(supajobs.has_errands(), false, 'one that is paused waits for nobody');

select tests.make_job('parent');
insert into supajobs.news (job_id) values (tests.id('parent'));
select is(supajobs.has_errands(), true, 'held jobs may go on');
select is(
  public.describe_plan_scale()::jsonb #> '{total, workers}', '1',
  'not one more where there is one for the jobs'
);
delete from supajobs.news where true;

select tests.make_notification('parent');
insert into supajobs.deliveries (notification_id, channel, run_at)
select
  notification.id,
  'webhook' as channel,
  now() as run_at
from supajobs.notifications as notification;
select is(supajobs.has_errands(), true, 'a message is to be sent');
update supajobs.deliveries set run_at = now() - interval '2 days' where true;
select is(supajobs.has_errands(), false, 'one that nobody here sends waits for nobody');

select * from finish();
rollback;
