begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.claim('claim 1', 4);
select tests.sweep();
select tests.claim('claim 2');

select tests.make_job('job 6');

select is((tests.job('job 6')).turn, (tests.job('job 5')).turn, 'not at the first turn again');
select is(tests.claim_names('claim 3'), array['job 6'], 'claims find it there');

select * from finish();
rollback;
