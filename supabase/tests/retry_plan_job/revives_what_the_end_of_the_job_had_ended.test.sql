begin;
select plan(5);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.make_child('grandchild', array['child']);
select tests.make_child('stopped', array['parent']);
select public.cancel_plan_job((tests.job('stopped')).id, tests.id('user a'));
select public.cancel_plan_job((tests.job('parent')).id, tests.id('user a'));
select public.retry_plan_job((tests.job('parent')).id, tests.id('user a'));
select is((tests.job('stopped')).status, 'cancelled', 'what its user has stopped stays so');
select is(tests.claim_names('claim 1', 9), array['parent']);
select tests.complete('parent', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['child']);
select tests.complete('child', 'claim 2');
select is(tests.claim_names('claim 3', 9), array['grandchild']);
select is((tests.job('grandchild')).error, null);

select * from finish();
rollback;
