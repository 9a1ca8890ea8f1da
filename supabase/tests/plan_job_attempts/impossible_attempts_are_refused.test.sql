begin;
select plan(6);

select tests.make_job('job');
select tests.claim('claim 1');
select public.fail_plan_job((tests.job('job')).id, tests.id('claim 1'), '{}');

select tests.violates_check(
  'plan_job_attempts_outcome_known',
  $$
    update public.plan_job_attempts set outcome = 'paused', retry_at = null
    where claim_id = tests.id('claim 1')
  $$
);
select tests.violates_check(
  'plan_job_attempts_retry_at_iff_retrying',
  $$update public.plan_job_attempts set retry_at = null where claim_id = tests.id('claim 1')$$
);
select tests.violates_check(
  'plan_job_attempts_retry_at_iff_retrying',
  $$update public.plan_job_attempts set outcome = 'failed' where claim_id = tests.id('claim 1')$$
);
select tests.violates_check(
  'plan_job_attempts_tokens_not_negative',
  $$update public.plan_job_attempts set input_tokens = -1 where claim_id = tests.id('claim 1')$$
);
select tests.violates_check(
  'plan_job_attempts_tokens_not_negative',
  $$update public.plan_job_attempts set output_tokens = -1 where claim_id = tests.id('claim 1')$$
);
select tests.violates_check(
  'plan_job_attempts_cost_not_negative',
  $$update public.plan_job_attempts set cost_usd = -1 where claim_id = tests.id('claim 1')$$
);

select * from finish();
rollback;
