begin;
select plan(5);

insert into public.plan_job_types (job_type, max_retries, lease_seconds, max_runtime_seconds)
values ('pgtap', 7, 20, 300);
select tests.make_job('job');

create temp table answer as select tests.claim('claim 1') -> 0 as job;

select results_eq(
  $$select key from answer, lateral jsonb_object_keys(job) as key order by key$$,
  array[
    'claim_id', 'crash_count', 'created_at', 'has_ties', 'id', 'job_type', 'lease_seconds',
    'max_retries', 'max_runtime_seconds', 'params', 'priority', 'project_id', 'retry_count',
    'started_at', 'trace_id', 'turn', 'user_id'
  ],
  'every field of a claimed job is there, and no other'
);
select is((select job ->> 'claim_id' from answer), tests.id('claim 1')::text, 'the claim');
select is((select job -> 'max_retries' from answer), '7', 'the retries of the row');
select is((select job -> 'lease_seconds' from answer), '20', 'the lease of the row');
select is((select job -> 'max_runtime_seconds' from answer), '300', 'the runtime of the row');

select * from finish();
rollback;
