begin;
select plan(2);

select tests.make_job('parent');
select public.cancel_plan_job((tests.job('parent')).id, tests.id('user a'));
select tests.make_child('child', array['parent']);
select is((tests.job('child')).status, 'cancelled');
select is((tests.job('child')).error ->> 'code', 'parent_cancelled');

select * from finish();
rollback;
