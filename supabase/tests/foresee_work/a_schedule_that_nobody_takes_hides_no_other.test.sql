begin;
select plan(1);

select tests.calm_queue();
delete from public.plan_job_schedules where true;

select tests.make_recurring('broken');
select tests.make_recurring('new');
update public.plan_job_schedules
set next_run_at = now() - case name when 'new' then interval '1 minute' else interval '1 day' end
where true;
select ok(schedules_due_in between -120 and -60, 'the one that came up last')
from supajobs.foresee_work(null);

select * from finish();
rollback;
