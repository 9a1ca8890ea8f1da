begin;
select plan(7);

select tests.make_job('job');
select tests.claim('claim 1');
update public.plan_generation_jobs set progress = '{"percentage": 90}' where trace_id = 'job';

select is(tests.suspend('job', 'claim 1', 'sleep', 'cool down', 7200), 'suspended', 'it ends');

select is((tests.job('job')).status, 'pending', 'the job is pending');
select is((tests.job('job')).waiting_for, 'cool down', 'it says for what');
select is((tests.job('job')).turn, null, 'it is in no lane');
select is((tests.job('job')).progress, null, 'the next attempt begins at nothing');
select ok(
  (tests.job('job')).run_at between now() + interval '2 hours' and now() + interval '121 minutes',
  'until the time has come'
);
select is(tests.claim('claim 2'), '[]', 'nobody gets it before');

select * from finish();
rollback;
