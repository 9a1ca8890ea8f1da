begin;
select plan(8);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 5) as number;
create temporary table found as
select public.find_plan_jobs(p_max_jobs => 2)::jsonb as page;

select is(page #>> '{jobs, 1, trace_id}', 'job 4', 'the first page ends') from found;
select is((page ->> 'next')::uuid, (tests.job('job 4')).id, 'the next one begins there')
from found;
select is(page ->> 'looked_until', null, 'it is full') from found;

update found
set page = public.find_plan_jobs(p_before => (page ->> 'next')::uuid, p_max_jobs => 3)::jsonb;
select is(page #>> '{jobs, 0, trace_id}', 'job 3', 'the next page goes on') from found;
select is(page ->> 'next', null, 'and is the last') from found;

update found
set page = public.find_plan_jobs('{"status": ["failed", "cancelled"]}', p_max_looks => 2)::jsonb;
select is(page -> 'jobs', '[]', 'it finds none as far as it may look') from found;
select is((page ->> 'next')::uuid, (tests.job('job 4')).id, 'says where to go on') from found;
select is((page ->> 'looked_until')::timestamptz, (tests.job('job 4')).created_at, 'how far')
from found;

select * from finish();
rollback;
