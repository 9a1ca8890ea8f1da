begin;
select plan(4);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

set local role service_role;
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_trace_id => 'job');
select tests.claim('claim 1');
select is(tests.suspend('job', 'claim 1'), 'suspended', 'a job is suspended');
select is(tests.signal('job'), 'stored', 'and signalled');
select tests.claim('claim 2');
select is(tests.found('job', 'claim 2') -> 'signals', '{"approval": {}}', 'it goes on');
select is(tests.complete('job', 'claim 2'), 'completed', 'to its end');

select * from finish();
rollback;
