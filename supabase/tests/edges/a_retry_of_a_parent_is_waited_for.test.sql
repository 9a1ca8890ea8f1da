begin;
select plan(2);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.claim('claim 1');
select tests.fail('parent', 'claim 1', p_retry_after => 0);
select is(tests.claim_names('claim 2'), array['parent'], 'the parent runs again');
select tests.complete('parent', 'claim 2');
select is(tests.claim_names('claim 3'), array['child'], 'then the child does');

select * from finish();
rollback;
