begin;
select plan(3);

select tests.empty_queue();
select tests.make_recurring('weekly', p_more => '{"overlap": "queue"}');
create temporary table run as select jsonb_build_array(tests.run_of('weekly')) as taken;
select public.run_plan_job_schedules(taken) from run;
update public.plan_job_schedules set next_run_at = next_run_at - interval '1 hour'
where name = 'weekly';
select is(public.run_plan_job_schedules(taken) -> 0 ->> 'outcome', 'existing', 'found')
from run;
select is(tests.params_of_jobs(), '[{}]', 'one job');
select is(
  (tests.recurring('weekly')).last_job_id,
  (select id from public.plan_generation_jobs),
  'the same'
);

select * from finish();
rollback;
