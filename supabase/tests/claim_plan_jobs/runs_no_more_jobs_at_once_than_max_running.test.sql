begin;
select plan(4);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 3);
select tests.make_job('job ' || number) from generate_series(1, 10) as number;

select is(tests.claim_names('claim 1', 2), array['job 1', 'job 2'], 'two of three');
select is(tests.claim_names('claim 2', 5), array['job 3'], 'one is left');
select is(tests.claim_names('claim 3', 5), array[]::text[], 'then none');
select is(
  (
    select count(*) from public.plan_generation_jobs
    where status = 'processing' and job_type = 'pgtap'
  ),
  3::bigint,
  'three run'
);

select * from finish();
rollback;
