begin;
select plan(4);

-- Of no use to whoever asks, and gone when that looks again: as a job that ends at this moment.
create function tests.stand_in_the_way() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  return null;
end
$$;
select tests.make_job('parent');
select tests.claim('claim 1');
create trigger in_the_way before insert on public.plan_generation_jobs
for each row when (new.trace_id = 'next') execute function tests.stand_in_the_way();
create temp table call as
select
  jsonb_build_array(
    tests.entry('parent', 'claim 1', '{"then": [{"job_type": "pgtap", "trace_id": "next"}]}')
  ) as jobs;

select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"parent": "busy"}',
  'it is to come again'
);
select is((tests.job('parent')).status, 'processing', 'nothing has ended');
select is((tests.job('parent')).retry_count, 0::smallint, 'and no retry is spent');

drop trigger in_the_way on public.plan_generation_jobs;
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"parent": "completed"}',
  'later it is completed'
);

select * from finish();
rollback;
