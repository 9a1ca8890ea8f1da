begin;
select plan(3);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.make_child('heir', array['parent'], 'run');
delete from public.plan_generation_jobs where trace_id = 'parent';
select is(tests.claim_names('claim 1', 9), array['heir']);
select is((tests.job('child')).error ->> 'code', 'parent_deleted');
delete from public.plan_generation_jobs where trace_id in ('child', 'heir');
select is_empty('select from supajobs.edges', 'and with the children, the edges go');

select * from finish();
rollback;
