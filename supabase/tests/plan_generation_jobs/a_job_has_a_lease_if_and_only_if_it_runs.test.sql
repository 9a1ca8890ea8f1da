begin;
select plan(5);

select tests.make_job('running');
select tests.claim('claim 1');
select tests.make_job('pending');

select tests.violates_check(
  'plan_generation_jobs_leased_iff_processing',
  $$update public.plan_generation_jobs set lease_expires_at = null where trace_id = 'running'$$
);
select tests.violates_check(
  'plan_generation_jobs_leased_iff_processing',
  $$update public.plan_generation_jobs set lease_expires_at = now() where trace_id = 'pending'$$
);
select
  tests.violates_check(
    'plan_generation_jobs_leased_iff_processing',
    format(
      'update public.plan_generation_jobs set %I = null where trace_id = ''running''', column_name
    )
  )
from unnest(array['claim_id', 'worker_id', 'started_at']) as column_name;

select * from finish();
rollback;
