begin;
select plan(1);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.release('job', 'claim 1');
update public.plan_generation_jobs
set started_at = now() - interval '1 hour' where trace_id = 'job';

select tests.claim('claim 2');

select ok((tests.job('job')).started_at >= now(), 'the deadline of the first is not inherited');

select * from finish();
rollback;
