begin;
select plan(2);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.make_child('grandchild', array['child']);
select public.cancel_plan_job((tests.job('parent')).id, tests.id('user a'));
select is((tests.job('child')).status, 'cancelled');
select is((tests.job('grandchild')).status, 'cancelled');

select * from finish();
rollback;
