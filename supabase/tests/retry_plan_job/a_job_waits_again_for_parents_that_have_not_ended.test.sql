begin;
select plan(2);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select public.cancel_plan_job((tests.job('child')).id, tests.id('user a'));
select public.retry_plan_job((tests.job('child')).id, tests.id('user a'));
select is(tests.claim_names('claim 1', 9), array['parent']);
select tests.complete('parent', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['child']);

select * from finish();
rollback;
