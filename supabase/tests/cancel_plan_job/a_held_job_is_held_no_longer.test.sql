begin;
select plan(1);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select public.cancel_plan_job((tests.job('child')).id, tests.id('user a'));
select is((tests.job('child')).is_held, false);

select * from finish();
rollback;
