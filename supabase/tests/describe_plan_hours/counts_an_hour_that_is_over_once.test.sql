begin;
select plan(3);

select tests.empty_queue();
delete from supajobs.past_hours where true;
select tests.make_attempt(1);
update public.plan_generation_jobs
set started_at = started_at - interval '2 hours', completed_at = completed_at - interval '2 hours';
insert into supajobs.past_hours
values (now() - interval '9 days', '', 1, 0, 0, 0, 0, 0, 0, null, null, false);
select supajobs.count_past_hours(4, 60);
select tests.empty_queue();
select supajobs.count_past_hours(4, 60);

select is(
  public.describe_plan_hours(4)::jsonb #> '{hours, 1, completed}', '1',
  'what it counted stays, when the jobs are gone'
);
select is(
  (select count(*) from supajobs.past_hours where hour < now() - interval '8 days'), 0::bigint,
  'for eight days'
);
select is(
  jsonb_array_length(public.describe_plan_hours(1000)::jsonb -> 'hours'), 4,
  'more than a week is not told of'
);

select * from finish();
rollback;
