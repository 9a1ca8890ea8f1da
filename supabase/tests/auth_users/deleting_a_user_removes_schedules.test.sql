begin;
select plan(1);

select tests.make_recurring('weekly');
select tests.make_recurring('of b', 'user b');
delete from auth.users where id = tests.id('user a');
select set_eq(
  $$select name from public.plan_job_schedules where name in ('weekly', 'of b')$$,
  array['of b'],
  'theirs alone'
);

select * from finish();
rollback;
