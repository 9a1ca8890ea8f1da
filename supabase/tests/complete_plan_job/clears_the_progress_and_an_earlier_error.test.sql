begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs
set progress = '{"percentage": 90}', error = '{"code": "overloaded"}' where trace_id = 'job';

select tests.complete('job', 'claim 1');

select is((tests.job('job')).progress, null, 'a completed job shows its result instead');
select is((tests.job('job')).error, null, 'an error that was overcome is gone');

select * from finish();
rollback;
