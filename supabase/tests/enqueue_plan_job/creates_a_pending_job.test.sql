begin;
select plan(6);

select tests.make_user('user a');

create temp table answer as
select public.enqueue_plan_job(
  tests.id('user a'), 'training_plan', '{"weeks": 4}', p_priority => 7, p_trace_id => 'job'
) as enqueued;

select is((select enqueued ->> 'outcome' from answer), 'created', 'the job is created');
select is((tests.job('job')).status, 'pending', 'it is pending');
select is((tests.job('job')).user_id, tests.id('user a'), 'it belongs to the user');
select is((tests.job('job')).params, '{"weeks": 4}', 'it has the params');
select is((tests.job('job')).priority, 7::smallint, 'it has the priority');
select is((tests.job('job')).run_at, now(), 'it is due at once');

select * from finish();
rollback;
