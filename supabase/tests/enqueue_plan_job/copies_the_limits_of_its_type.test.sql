begin;
select plan(1);

insert into public.plan_job_types (
  job_type, max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds, lease_seconds,
  max_runtime_seconds, ttl_hours
)
values ('limited', 1, 2, 3, 4, 5, 6, 7);

select tests.make_job('job', p_job_type => 'limited');
update public.plan_job_types set max_retries = 99 where job_type = 'limited';

select results_eq(
  $$
    select
      max_retries, max_crashes, backoff_base_seconds, backoff_cap_seconds, lease_seconds,
      max_runtime_seconds, ttl_hours
    from tests.job('job')
  $$,
  $$
    values (
      1::smallint, 2::smallint, 3::smallint, 4::smallint, 5::smallint, 6, 7::smallint
    )
  $$,
  'the limits are those of the type when the job was requested'
);

select * from finish();
rollback;
