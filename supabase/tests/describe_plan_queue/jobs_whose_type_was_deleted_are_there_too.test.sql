begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 2) as number;
select tests.claim('claim 1');
delete from public.plan_job_types where job_type = 'pgtap';

select is(tests.figures() -> 'pending', '1', 'one waits');
select is(tests.figures() -> 'processing', '1', 'one runs');

select * from finish();
rollback;
