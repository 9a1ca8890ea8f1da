begin;
select plan(4);

select tests.make_job('job');
create function pg_temp.held_back_by() returns text language sql as $$
  select public.describe_plan_job((tests.job('job')).id) #>> '{job, held_back_by}'
$$;

select is(pg_temp.held_back_by(), null, 'nothing at first');
update public.plan_job_types set starts_per_minute = 0 where job_type = 'pgtap';
select is(pg_temp.held_back_by(), 'limit', 'a limit of 0');
select public.pause_plan_jobs('pgtap');
select is(pg_temp.held_back_by(), 'pause', 'or a pause, which is one as well');
select tests.make_user('user a');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));
select is(pg_temp.held_back_by(), null, 'a job that has ended waits for nothing');

select * from finish();
rollback;
