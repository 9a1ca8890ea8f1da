begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs set progress = '{"percentage": 90}' where trace_id = 'job';

select tests.fail('job', 'claim 1', '{}');

select is((tests.job('job')).progress, null, 'the next attempt begins at nothing');

select * from finish();
rollback;
