begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 5) as number;

select is(jsonb_array_length(tests.claim('claim 1', 3)), 3, 'three of five are taken');
select is(jsonb_array_length(tests.claim('claim 2', 3)), 2, 'two were left');

select * from finish();
rollback;
