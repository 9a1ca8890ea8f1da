begin;
select plan(2);

select tests.make_job('gone');
select tests.make_job('left');
select tests.claim('claim 1', 2);
select tests.fail('gone', 'claim 1', p_retry_after => 0);
select tests.fail('left', 'claim 1', p_retry_after => 0);
create temp table jobs as select id from tests.job('gone');

delete from public.plan_generation_jobs where trace_id = 'gone';

select is_empty(
  'select * from public.plan_job_attempts where job_id in (select id from jobs)',
  'without a foreign key'
);
select is((tests.attempt('left', 'claim 1')).outcome, 'retrying', 'those of other jobs stay');

select * from finish();
rollback;
