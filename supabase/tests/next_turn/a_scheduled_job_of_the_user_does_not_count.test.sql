begin;
select plan(1);

select tests.make_job('a1', 'user a');
select tests.make_job('a2', 'user a', p_run_at => now() + interval '1 hour');
select tests.make_job('a3', 'user a');

select is((tests.job('a3')).turn, 1::bigint, 'one after the job that waits in the lane');

select * from finish();
rollback;
