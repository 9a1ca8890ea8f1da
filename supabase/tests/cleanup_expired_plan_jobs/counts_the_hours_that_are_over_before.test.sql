begin;
select plan(3);

select tests.empty_queue();
select tests.make_attempt(1);
update public.plan_generation_jobs
set
  started_at = started_at - interval '3 days', completed_at = completed_at - interval '3 days',
  expires_at = now()
where true;
-- All hours of the week but one are counted.
delete from supajobs.past_hours where true;
insert into supajobs.past_hours
select counted.*
from supajobs.list_past_hours(168) as past (hour)
cross join lateral supajobs.count_hour(past.hour) as counted
where past.hour <> date_bin('1 hour', now() - interval '3 days', 'epoch');

select is(public.cleanup_expired_plan_jobs(), '{"deleted": 1}', 'a job is deleted');
select is(
  (select sum(past.completed) from supajobs.past_hours as past where past.job_type = ''),
  1::bigint,
  'its hour was counted before'
);
select public.cleanup_expired_plan_jobs();
select is(
  (select sum(past.completed) from supajobs.past_hours as past where past.job_type = ''),
  1::bigint,
  'and stays as it was'
);

select * from finish();
rollback;
