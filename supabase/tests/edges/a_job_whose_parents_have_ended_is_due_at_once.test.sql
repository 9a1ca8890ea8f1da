begin;
select plan(1);

select tests.make_job('parent');
select tests.claim('claim 1');
select tests.complete('parent', 'claim 1');
select tests.claim('claim 2');
select tests.make_child('child', array['parent']);
select is(tests.claim_names('claim 3'), array['child']);

select * from finish();
rollback;
