begin;
select plan(4);

select tests.make_job('job', p_run_at => '2020-01-01');
select tests.claim('claim 1');
update public.plan_generation_jobs set progress = '{"percentage": 90}' where trace_id = 'job';

select is(tests.release('job', 'claim 1'), 'released', 'the job is given back');
select is((tests.job('job')).status, 'pending', 'it is pending');
select is((tests.job('job')).run_at, '2020-01-01', 'it has lost no place in the queue');
select is((tests.job('job')).progress, null, 'the next attempt begins at nothing');

select * from finish();
rollback;
