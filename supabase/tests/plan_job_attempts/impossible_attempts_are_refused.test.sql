begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.fail('job', 'claim 1', '{}');

select tests.violates_check(
  'unsuccessful_attempts_outcome_known',
  $$
    update supajobs.unsuccessful_attempts set outcome = 'paused', retry_at = null
    where claim_id = tests.id('claim 1')
  $$
);
select tests.violates_check(
  'unsuccessful_attempts_retry_at_iff_put_off',
  $$
    update supajobs.unsuccessful_attempts set retry_at = null
    where claim_id = tests.id('claim 1')
  $$
);
select tests.violates_check(
  'unsuccessful_attempts_retry_at_iff_put_off',
  $$
    update supajobs.unsuccessful_attempts set outcome = 'failed'
    where claim_id = tests.id('claim 1')
  $$
);
select * from finish();
rollback;
