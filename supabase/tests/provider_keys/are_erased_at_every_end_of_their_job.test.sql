begin;
select plan(8);

select tests.empty_queue();
select tests.make_job_with_key(name, 'ciphertext')
from unnest(
  array['completed', 'failed', 'cancelled', 'unwanted', 'given back', 'lost', 'other', 'deleted']
) as name;
update public.plan_generation_jobs set max_crashes = 1 where trace_id = 'lost';
select public.cancel_plan_job((tests.job('cancelled')).id, tests.id('user a'));
select tests.claim('claim 1', 8);
select public.cancel_plan_job((tests.job(name)).id, tests.id('user a'))
from unnest(array['unwanted', 'given back']) as name;

select tests.complete('completed', 'claim 1');
select tests.fail('failed', 'claim 1', p_retryable => false);
select tests.complete('unwanted', 'claim 1');
select tests.release('given back', 'claim 1');
select tests.expire_lease('lost');
select tests.sweep();
create temp table deleted as select id from tests.job('deleted');
delete from public.plan_generation_jobs where trace_id = 'deleted';

select is(tests.key('completed'), null, 'completed');
select is(tests.key('failed'), null, 'failed');
select is(tests.key('cancelled'), null, 'cancelled while it waited');
select is(tests.key('unwanted'), null, 'cancelled while it ran');
select is(tests.key('given back'), null, 'cancelled and given back');
select is(tests.key('lost'), null, 'lost by too many workers');
select is_empty(
  'select 1 from supajobs.provider_keys where job_id in (select id from deleted)', 'deleted'
);
select is(tests.key('other'), 'ciphertext', 'a job that runs keeps its own');

select * from finish();
rollback;
