begin;
select plan(2);

select tests.refuses(
  'claim_without_a_name', $$select public.claim_plan_jobs(null, 'worker 1')$$
);
select tests.refuses(
  'claim_without_a_name', $$select public.claim_plan_jobs(gen_random_uuid(), null)$$
);

select * from finish();
rollback;
