begin;
select plan(1);

select tests.make_job('parent', null);
select tests.make_child('child', array['parent'], p_user => null);
select tests.claim('claim 1');
select tests.complete('parent', 'claim 1');
select is(tests.claim_names('claim 2'), array['child']);

select * from finish();
rollback;
