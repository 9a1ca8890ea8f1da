begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 5) as number;

select tests.make_job('urgent', p_priority => 9);
select tests.make_job('of another type', p_job_type => 'pgtap 2');

select is((tests.job('urgent')).turn, 0::bigint, 'another priority has turns of its own');
select is((tests.job('of another type')).turn, 0::bigint, 'and so has another type');

select * from finish();
rollback;
