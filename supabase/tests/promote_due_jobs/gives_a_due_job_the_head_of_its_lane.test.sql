begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('a' || number, 'user a') from generate_series(1, 5) as number;
select tests.claim('claim 1', 2);
select tests.make_job('b', 'user b', p_run_at => now() + interval '1 hour');
update public.plan_generation_jobs set run_at = now() where trace_id = 'b';

select is(supajobs.promote_due_jobs(), 1, 'one job is promoted');
select is((tests.job('b')).turn, (tests.job('a3')).turn, 'it has waited long enough');

select * from finish();
rollback;
