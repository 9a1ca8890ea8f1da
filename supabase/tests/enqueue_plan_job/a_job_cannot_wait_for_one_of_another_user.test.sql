begin;
select plan(1);

select tests.make_job('parent', 'user b');
select throws_ok(
  $$ select tests.make_child('child', array['parent'], p_user => 'user a') $$,
  'PT422', 'A job waits for jobs of the same user, and not all of these are there.'
);

select * from finish();
rollback;
