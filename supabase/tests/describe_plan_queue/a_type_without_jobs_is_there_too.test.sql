begin;
select plan(1);

insert into public.plan_job_types (job_type) values ('pgtap');

select is(
  tests.figures(),
  '{
    "job_type": "pgtap", "pending": 0, "scheduled": 0, "processing": 0, "capped": false,
    "oldest_pending_seconds": null, "completed": 0, "failed": 0, "cancelled": 0, "retrying": 0,
    "released": 0, "suspended": 0, "crashed": 0, "success_rate": null, "throughput_per_minute": 0,
    "duration_p50": null, "duration_p95": null
  }',
  'with nothing in it'
);

select * from finish();
rollback;
