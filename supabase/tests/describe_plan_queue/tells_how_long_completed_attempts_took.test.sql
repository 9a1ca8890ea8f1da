begin;
select plan(2);

select tests.make_attempt(seconds) from generate_series(0, 100) as seconds;
select tests.make_attempt(5000, 'failed');
select tests.make_attempt(5000, p_job_type => 'pgtap 2');

select is(tests.figures() -> 'duration_p50', '50', 'the median');
select is(tests.figures() -> 'duration_p95', '95', 'all but one in twenty took less');

select * from finish();
rollback;
