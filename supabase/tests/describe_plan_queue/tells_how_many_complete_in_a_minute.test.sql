begin;
select plan(1);

select tests.make_attempt(1) from generate_series(1, 30);
select tests.make_attempt(1, 'failed') from generate_series(1, 5);

select is(tests.figures() -> 'throughput_per_minute', '0.5', 'on the average of the hour');

select * from finish();
rollback;
