begin;
select plan(4);

select tests.empty_outbox();
select tests.register('browser', p_kind => 'web');
insert into public.plan_job_types (job_type) values ('pgtap');
insert into public.plan_job_messages (job_type, event, title, body)
values ('pgtap', 'job.completed', 'Done', 'It is {title}');
select tests.make_notification('job');
update supajobs.notifications
set title = 'good', plan_id = tests.id('plan'), trace_id = 'trace';
select tests.address();
create temporary table claimed as select tests.claim_deliveries('claim', 'web') -> 0 as it;

select is(it -> 'device', '{"token": "browser", "p256dh": "a key", "auth": "a secret"}', 'whom')
from claimed;
select
  is(
    (it -> 'notification') - 'id' - 'occurred_at',
    jsonb_build_object(
      'event', 'job.completed',
      'job_id', tests.id('job'),
      'job_type', 'pgtap',
      'user_id', tests.id('user a'),
      'project_id', null,
      'plan_id', tests.id('plan'),
      'trace_id', 'trace',
      'title', 'good',
      'error', null,
      'message_title', 'Done',
      'message_body', 'It is {title}'
    ),
    'what'
  )
from claimed;
select is(it ->> 'attempts', '1', 'how often') from claimed;
select is(
  tests.claim_deliveries('another claim', 'webhook') #> '{0, device}', 'null', 'a webhook has none'
);

select * from finish();
rollback;
