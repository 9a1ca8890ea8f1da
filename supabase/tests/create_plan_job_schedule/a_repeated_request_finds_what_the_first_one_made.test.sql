begin;
select plan(4);

select is(tests.make_recurring('weekly'), 'created', 'made');
select is(tests.make_recurring('weekly'), 'existing', 'found');
update public.plan_job_schedules
set paused_at = now(), next_run_at = null, last_outcome = 'created'
where name = 'weekly';
select is(tests.make_recurring('weekly'), 'existing', 'whatever has become of it since');
select is((select count(*) from public.plan_job_schedules where name = 'weekly'), 1::bigint, 'one');

select * from finish();
rollback;
