begin;
select plan(11);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap limited', 1);
select tests.make_job('other', p_job_type => 'pgtap limited');
select tests.claim('claim 1', 9, 'pgtap limited');

select tests.make_job('parent');
select tests.make_child('child', array['parent'], p_job_type => 'pgtap limited');
select public.cancel_plan_job((tests.job('parent')).id, tests.id('user a'));
select is((tests.job('child')).error ->> 'code', 'parent_cancelled');
select public.retry_plan_job((tests.job('child')).id, tests.id('user a'));
select ok((tests.job('child')).is_held, 'it waits for the other one of its user');
select tests.claim('claim 2');
select is((tests.job('child')).status, 'pending', 'and stays as the end of its parent is told');
select is(
  (select outcome from supajobs.edges where job_id = (tests.job('child')).id), 'cancelled'
);

select tests.make_child('late', array['parent']);
select is((tests.job('late')).status, 'cancelled', 'who comes after that parent now, is ended');
select is((tests.job('child')).status, 'pending', 'it is not');

select tests.make_job('second parent');
select tests.make_child('heir', array['parent', 'second parent'], 'run');
update supajobs.edges set on_parent_failure = 'cancel' where job_id = (tests.job('heir')).id;
select public.cancel_plan_job((tests.job('second parent')).id, tests.id('user a'));
select public.retry_plan_job((tests.job('second parent')).id, tests.id('user a'));
select is((tests.job('heir')).status, 'cancelled', 'nor who has lost that one beside another');
select is((tests.job('child')).status, 'pending', 'when that is run again');

select tests.complete('other', 'claim 1');
select is(tests.claim_names('claim 3', 9, 'pgtap limited'), array['child'], 'it runs without');
select is(
  public.get_plan_job_parents(
    (tests.job('child')).id, tests.id('claim 3')
  ) #>> '{parents, 0, status}',
  'cancelled',
  'and sees why'
);
select tests.fail('child', 'claim 3', p_retryable => false);
select is((tests.job('child')).error, '{}', 'it ends by itself');

select * from finish();
rollback;
