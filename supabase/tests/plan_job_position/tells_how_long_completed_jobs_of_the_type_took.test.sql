begin;
select plan(2);

select tests.make_attempt(seconds * 10) from generate_series(0, 10) as seconds;
select tests.make_attempt(5000, 'failed');
select tests.make_attempt(5000, 'crashed');
select tests.make_attempt(5000, 'released');
select tests.make_attempt(5000, p_job_type => 'pgtap 2');
select tests.make_job('job');

select is(tests.position('job') -> 'estimated_duration', '50', 'the median');
select is(tests.position('job') -> 'estimated_duration_p90', '90', 'nine of ten were faster');

select * from finish();
rollback;
