begin;
select plan(4);

select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.put_off_sweep();
select tests.claim('claim 1', 5);
update supajobs.sweeps
set swept_at = '-infinity', pause = interval '1.1 seconds'
where true;

select supajobs.sweep();

select tests.make_job('job 6');
select ok(
  (tests.job('job 6')).turn > (tests.job('job 5')).turn, 'beyond the turns of all that has gone'
);
select is(
  (select floor from supajobs.lanes where job_type = 'pgtap'),
  0::bigint,
  'claims still look for what has been on its way'
);

select tests.sweep();
select tests.put_off_sweep();
select is(
  (select floor from supajobs.lanes where job_type = 'pgtap'),
  (tests.job('job 6')).turn,
  'the next sweep moves the floor to where it comes in'
);
select is(tests.claim_names('claim 2'), array['job 6'], 'and claims find it');

select * from finish();
rollback;
