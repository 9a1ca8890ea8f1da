begin;
select plan(7);

select tests.calm_queue();
select tests.make_job('job');
select tests.make_job('of another type', p_job_type => 'pgtap 2');
select tests.make_job('for later', p_run_at => now() + interval '1 day');

select tests.copy_job('job', array(select generate_series(1, 99998)));
select is(tests.figures() -> 'pending', '99999', 'all are counted');
select is(tests.figures() -> 'capped', 'false', 'and so it says');

select tests.copy_job('job', array[1, 2]);
select is(tests.figures() -> 'pending', '100000', 'no more than a hundred thousand');
select is(tests.figures() -> 'capped', 'true', 'there are more');
select is(tests.figures('pgtap 2') -> 'capped', 'false', 'not of the other type');

select tests.copy_job('for later', array_fill(null::bigint, array[10000]));
select is(tests.figures() -> 'scheduled', '10000', 'of those for later, ten thousand');
select is(tests.figures('pgtap 2') -> 'capped', 'true', 'there may be more of any type');

select * from finish();
rollback;
