begin;
select plan(4);

select throws_ok(
  $$select tests.claim('claim 1', 0)$$, 'PT422', 'A claim takes between 1 and 1000 jobs.'
);
select throws_ok(
  $$select tests.claim('claim 1', 1001)$$, 'PT422', 'A claim takes between 1 and 1000 jobs.'
);
select throws_ok(
  $$select tests.claim('claim 1', null)$$, 'PT422', 'A claim takes between 1 and 1000 jobs.'
);
select lives_ok($$select tests.claim('claim 1', 1000)$$, '1000 jobs may be claimed at once');

select * from finish();
rollback;
