begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job ' || number, p_run_at => now() + interval '1 hour')
from generate_series(1, 120) as number;
update public.plan_generation_jobs set run_at = now() where job_type = 'pgtap';

select is(jsonb_array_length(tests.claim('claim 1', 110)), 110, 'the worker is not kept idle');

select * from finish();
rollback;
