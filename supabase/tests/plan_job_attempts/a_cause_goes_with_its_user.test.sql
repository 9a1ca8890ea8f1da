begin;
select plan(2);

select tests.make_job('job', 'user c');
select tests.claim('claim 1');
select public.fail_plan_job(
  (tests.job('job')).id, tests.id('claim 1'), '{}', p_cause => '{"message": "of user c"}'
);
create temp table failed as select (tests.job('job')).id as job_id;
select is(
  (
    select attempt.cause ->> 'message'
    from public.plan_job_attempts as attempt
    inner join failed on attempt.job_id = failed.job_id
  ),
  'of user c',
  'the attempt has a cause'
);

delete from auth.users where id = tests.id('user c');
select is_empty(
  'select from supajobs.unsuccessful_attempts where job_id in (select job_id from failed)',
  'which is gone with the user'
);

select * from finish();
rollback;
