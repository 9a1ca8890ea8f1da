begin;
select plan(2);

select tests.make_job('a' || number, 'user a') from generate_series(1, 50) as number;
select tests.make_job('b', 'user b');

select is(tests.claim_names('claim 1', 2), array['a1', 'b'], 'user b is served second');
select is(tests.claim_names('claim 2', 2), array['a2', 'a3'], 'then user a goes on');

select * from finish();
rollback;
