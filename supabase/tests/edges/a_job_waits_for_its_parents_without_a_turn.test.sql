begin;
select plan(6);

select tests.make_job('parent 1');
select tests.make_job('parent 2');
select tests.make_child('child', array['parent 1', 'parent 2']);
select ok((tests.job('child')).is_held, 'it is held');
select is((tests.job('child')).turn, null, 'it has no turn');

select tests.claim('claim 1', 2);
select tests.complete('parent 1', 'claim 1');
select is(tests.claim_names('claim 2'), '{}', 'the end of one of them is not enough');

select tests.complete('parent 2', 'claim 1');
select is(tests.claim_names('claim 3'), array['child'], 'it runs when both have completed');
select ok(not (tests.job('child')).is_held, 'it is not held any longer');
select is_empty('select from supajobs.news', 'and all news is read');

select * from finish();
rollback;
