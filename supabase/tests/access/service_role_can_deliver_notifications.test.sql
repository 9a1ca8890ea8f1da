begin;
select plan(5);

select tests.empty_outbox();
insert into public.plan_job_types (job_type, notifies) values ('told', true);
select tests.make_user('user a');

set local role service_role;
select public.register_plan_push_token(tests.id('user a'), 'expo', 'phone');
select public.enqueue_plan_job(tests.id('user a'), 'told', '{}', p_trace_id => 'job');
select tests.claim('claim', p_job_type => 'told');
select tests.complete('job', 'claim');
select is(tests.notifications('job'), array['job.completed'], 'written down');
select is((tests.address() #>> '{due, expo}')::numeric <= 0, true, 'addressed');
create temporary table claimed as
select tests.claim_deliveries('claim', 'expo') #>> '{0, id}' as id;
select
  is(
    public.settle_plan_job_deliveries(
      tests.id('claim'), jsonb_build_array(jsonb_build_object('id', id, 'outcome', 'gone'))
    ) #>> '{0, outcome}',
    'failed',
    'settled'
  )
from claimed;
select is((tests.device('phone')).id, null, 'the device is forgotten');
select is(supajobs.cleanup_notifications() ->> 'deleted', '0', 'cleaned up');

select * from finish();
rollback;
