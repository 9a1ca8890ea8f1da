begin;
select plan(1);

select tests.make_attempt(10);
select tests.make_job('job');
select public.cancel_plan_job((tests.job('job')).id, tests.id('user a'));

select is(
  tests.position('job') -> 'estimated_completion_at', 'null', 'its end is on the job itself'
);

select * from finish();
rollback;
