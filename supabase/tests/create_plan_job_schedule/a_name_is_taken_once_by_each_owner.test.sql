begin;
select plan(5);

select is(tests.make_recurring('weekly'), 'created', 'of one user');
select is(tests.make_recurring('weekly', 'user b'), 'created', 'of another one');
select is(tests.make_recurring('weekly', null), 'created', 'of the system');
select is(
  tests.make_recurring('weekly', p_more => '{"priority": 8}'), 'name_taken', 'one of each name'
);
select is(
  tests.make_recurring('weekly', null, '{"priority": 8}'), 'name_taken', 'also of the system'
);

select * from finish();
rollback;
