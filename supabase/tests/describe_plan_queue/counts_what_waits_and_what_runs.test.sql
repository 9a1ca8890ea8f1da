begin;
select plan(5);

select tests.make_job('running ' || number) from generate_series(1, 2) as number;
select tests.claim('claim 1', 2);
select tests.make_job('due ' || number) from generate_series(1, 3) as number;
select tests.make_job('urgent', p_priority => 9);
select tests.make_job('for later', p_run_at => now() + interval '1 hour');
select tests.make_job('of another type', p_job_type => 'pgtap 2');

select is(tests.figures() -> 'pending', '4', 'three in one lane, one in another');
select is(tests.figures() -> 'scheduled', '1', 'one waits for its time');
select is(tests.figures() -> 'processing', '2', 'two run');
select is(tests.figures() -> 'capped', 'false', 'and that is all');
select is(tests.figures('pgtap 2') -> 'pending', '1', 'types are told apart');

select * from finish();
rollback;
