begin;
select plan(5);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.make_child('grandchild', array['child']);
select tests.make_child('heir', array['grandchild'], 'run');
select tests.claim('claim 1');
select tests.fail('parent', 'claim 1', p_retryable => false);
select is(tests.claim_names('claim 2'), array['heir'], 'who is to run all the same, does');
select is((tests.job('child')).status, 'cancelled', 'the child is cancelled');
select is((tests.job('grandchild')).status, 'cancelled', 'and so is its child');
select is(
  (tests.job('child')).error,
  jsonb_build_object(
    'code', 'parent_failed',
    'message', 'The job waited for "parent", which failed.',
    'detail', jsonb_build_object('parent_id', (tests.job('parent')).id)
  ),
  'the reason names the parent'
);
select is((tests.job('grandchild')).error ->> 'code', 'parent_cancelled');

select * from finish();
rollback;
