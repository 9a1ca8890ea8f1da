begin;
select plan(2);

select tests.put_off_sweep();
select tests.make_job(format('a%s', n), 'user a', 'pgtap', 3) from generate_series(1, 40) as n;
select tests.make_job('b1', 'user b', 'pgtap', 8);
select public.set_plan_job_priority(job.id, 8)
from public.plan_generation_jobs as job
where job.user_id = tests.id('user a') and job.job_type = 'pgtap';
select tests.claim_names('claim 1');
select tests.make_job('b2', 'user b', 'pgtap', 8);
select is(
  (
    select count(distinct job.turn) from public.plan_generation_jobs as job
    where job.user_id = tests.id('user a') and job.status = 'pending'
  ),
  (
    select count(*) from public.plan_generation_jobs as job
    where job.user_id = tests.id('user a') and job.status = 'pending'
  ),
  'those of one user have a turn each'
);
select ok(
  'b2' = any(tests.claim_names('claim 2', 4)), 'so somebody else''s does not wait for them all'
);

select * from finish();
rollback;
