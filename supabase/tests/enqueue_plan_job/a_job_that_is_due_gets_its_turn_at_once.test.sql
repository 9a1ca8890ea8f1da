begin;
select plan(3);

select tests.make_job('now');
select tests.make_job('yesterday', p_run_at => now() - interval '1 day');
select tests.make_job('tomorrow', p_run_at => now() + interval '1 day');

select is((tests.job('now')).turn, 0::bigint, 'a job without run_at');
select is((tests.job('yesterday')).turn, 1::bigint, 'a run_at in the past is no way to the front');
select is((tests.job('tomorrow')).turn, null, 'a job for later has none');

select * from finish();
rollback;
