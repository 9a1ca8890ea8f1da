begin;
select plan(3);

select tests.empty_queue();
select tests.make_recurring('weekly', p_more => '{"overlap": "queue"}');
create temporary table run as select jsonb_build_array(tests.run_of('weekly')) as taken;
select is(public.run_plan_job_schedules(taken) -> 0 ->> 'outcome', 'created', 'the first')
from run;
select is(public.run_plan_job_schedules(taken) -> 0 ->> 'outcome', 'stale', 'the second')
from run;
select is(tests.params_of_jobs(), '[{}]', 'one job');

select * from finish();
rollback;
