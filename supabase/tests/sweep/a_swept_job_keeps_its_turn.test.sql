begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.claim('claim 1', 3);
select tests.expire_lease('job 2');

select tests.sweep();
select tests.put_off_sweep();

select is((tests.job('job 2')).turn, 1::bigint, 'its turn is as it was');
select is(tests.claim_names('claim 2', 2), array['job 2', 'job 4'], 'it is the next to run');

select * from finish();
rollback;
