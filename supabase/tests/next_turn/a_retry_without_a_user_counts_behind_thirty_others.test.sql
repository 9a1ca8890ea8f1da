begin;
select plan(1);

select tests.make_job('old', null, p_run_at => now() + interval '1 hour');
select tests.make_job('other ' || number, null, 'pgtap other')
from generate_series(1, 30) as number;
update public.plan_generation_jobs set run_at = clock_timestamp(), turn = 100
where trace_id = 'old';
select tests.make_job('new', null);

select is((tests.job('new')).turn, 101::bigint, 'the last one of its lane is found at any age');

select * from finish();
rollback;
