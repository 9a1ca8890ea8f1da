begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.claim('claim 1', 3);
select tests.sweep();
select tests.put_off_sweep();

select tests.release('job 1', 'claim 1');

select is((tests.job('job 1')).turn, (tests.job('job 4')).turn, 'in the turn that is served now');
select is(
  tests.claim_names('claim 2', 2), array['job 1', 'job 4'], 'claims find it without a sweep'
);

select * from finish();
rollback;
