begin;
select plan(4);

insert into public.plan_job_types (job_type, max_crashes) values ('pgtap', 2);
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.sweep();
select is(tests.figures() -> 'failed', '0', 'the first crash is forgiven');

select tests.claim('claim 2');
select tests.expire_lease('job');
select tests.sweep();
select tests.make_attempt(1);
select is(tests.figures() -> 'crashed', '2', 'the second is a crash');
select is(tests.figures() -> 'failed', '1', 'and the failure of the job');
select is(tests.figures() -> 'success_rate', '0.5', 'one of two jobs has completed');

select * from finish();
rollback;
