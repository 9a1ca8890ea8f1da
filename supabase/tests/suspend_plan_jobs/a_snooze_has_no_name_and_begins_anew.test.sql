begin;
select plan(5);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1', 'snooze', null, 600);
select is((tests.job('job')).waiting_for, null, 'there is nothing to wait for');
select ok((tests.job('job')).run_at > now() + interval '9 minutes', 'but the time');
update public.plan_generation_jobs set run_at = now() where trace_id = 'job';
select tests.claim('claim 2');

select tests.suspend('job', 'claim 2', 'snooze', null, 600);

select ok((tests.job('job')).run_at > now() + interval '9 minutes', 'each time');
select is((select count(*) from supajobs.waits), 0::bigint, 'nothing is kept of it');
select is((tests.job('job')).has_steps, false, 'nor looked for at the end');

select * from finish();
rollback;
