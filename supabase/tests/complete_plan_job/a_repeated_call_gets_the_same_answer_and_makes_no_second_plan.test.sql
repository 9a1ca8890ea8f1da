begin;
select plan(3);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1', p_plan => '{}');
create temp table before as select * from tests.job('job');

select is(
  tests.complete('job', 'claim 1', p_plan => '{}'),
  'completed',
  'the answer that was lost is given again'
);
select results_eq(
  $$select * from tests.job('job')$$, 'select * from before', 'the job is as it was'
);
select is(
  (select count(*) from public.weekly_base_plans where user_id = tests.id('user a')),
  1::bigint,
  'there is one plan'
);

select * from finish();
rollback;
