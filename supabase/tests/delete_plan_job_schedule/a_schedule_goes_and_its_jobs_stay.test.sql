begin;
select plan(5);

select tests.empty_queue();
select tests.make_recurring('weekly');
select tests.take('weekly');
create temporary table asked as select (tests.recurring('weekly')).id;
select
  is(
    public.delete_plan_job_schedule(id, tests.id('user b')) ->> 'outcome', 'not_found', 'not theirs'
  )
from asked;
select is(public.delete_plan_job_schedule(id, null) ->> 'outcome', 'not_found', 'nor the system''s')
from asked;
select
  is(
    public.delete_plan_job_schedule(id, tests.id('user a')) ->> 'outcome', 'deleted', 'deleted'
  )
from asked;
select
  is(
    public.delete_plan_job_schedule(id, tests.id('user a')) ->> 'outcome', 'not_found', 'gone'
  )
from asked;
select is(tests.params_of_jobs(), '[{}]', 'the job is there');

select * from finish();
rollback;
