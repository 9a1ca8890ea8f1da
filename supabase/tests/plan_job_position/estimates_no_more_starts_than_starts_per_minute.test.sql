begin;
select plan(1);

insert into public.plan_job_types (job_type, starts_per_minute) values ('pgtap', 2);
select tests.make_attempt(10);
select tests.make_job('job ' || number) from generate_series(1, 5) as number;

select ok(
  (tests.position('job 5') ->> 'estimated_completion_at')::timestamptz
  between now() + interval '130 seconds' and clock_timestamp() + interval '130 seconds',
  'two minutes for the four before it'
);

select * from finish();
rollback;
