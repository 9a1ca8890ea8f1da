begin;
select plan(5);

select tests.calm_queue();
select tests.put_off_sweep();
select tests.forget_processors();
delete from public.plan_job_schedules where true;

select is(
  (select schedules_due_in from supajobs.foresee_work(null)), null, 'there is no schedule'
);
select tests.make_job('later', p_run_at => now() + interval '1 minute');
-- Whatever its type: claims bring all of them up.
select ok(jobs_due_in between 50 and 60, 'a job that waits for its time')
from supajobs.foresee_work(array['another']);

select tests.make_recurring('often');
update public.plan_job_schedules set next_run_at = now() + interval '2 minutes' where true;
select ok(schedules_due_in between 110 and 120, 'the next schedule')
from supajobs.foresee_work(null);

update public.plan_job_schedules set next_run_at = now() - interval '2 minutes' where true;
select ok(schedules_due_in < -110, 'how long one is late') from supajobs.foresee_work(null);

update public.plan_job_schedules set paused_at = now() where true;
select is(
  (select schedules_due_in from supajobs.foresee_work(null)), null, 'one that is paused is not due'
);

select * from finish();
rollback;
