begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('held', 0, 5), ('held too', 5, 0), ('paused', 5, null), ('other', 3, null);
select public.pause_plan_jobs('paused');

select is(
  supajobs.lock_quotas('{held, held too, paused, other}'),
  '{"held": 0, "held too": 0, "paused": 0, "other": 3}',
  'others have what they have'
);

select * from finish();
rollback;
