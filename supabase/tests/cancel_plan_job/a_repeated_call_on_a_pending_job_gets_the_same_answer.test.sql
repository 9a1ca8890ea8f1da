begin;
select plan(1);

select tests.make_job('job');
create temp table answer as
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a')) as cancelled;

select is(
  public.cancel_plan_job((tests.job('job')).id, tests.id('user a')),
  (select cancelled from answer),
  'nothing changes'
);

select * from finish();
rollback;
