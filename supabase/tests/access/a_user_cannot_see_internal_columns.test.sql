begin;
select plan(4);

select tests.make_job('job');
select tests.sign_in('user a');

select throws_ok(
  'select claim_id from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);
select throws_ok(
  'select worker_id from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);
select throws_ok(
  'select lease_expires_at from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);
select throws_ok(
  'select dedupe_key from public.plan_generation_jobs',
  'permission denied for table plan_generation_jobs'
);

select * from finish();
rollback;
