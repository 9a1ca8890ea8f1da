begin;
select plan(1);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim 1', 2);
select tests.sweep();
select tests.expire_lease('job 1');

select tests.sweep();
select tests.put_off_sweep();

select is(
  tests.claim_names('claim 2', 5), array['job 1', 'job 3'], 'the sweep that freed it saw to that'
);

select * from finish();
rollback;
