begin;
select plan(4);

select is(
  tests.make_recurring(
    'weekly', p_more => '{"params": {"weeks": 4}, "ends_at": "2100-01-01Z", "overlap": "queue"}'
  ),
  'created',
  'made'
);
select is((tests.recurring('weekly')).params, '{"weeks": 4}', 'what is given');
select is((tests.recurring('weekly')).catch_up, 'one', 'and what is not');
select is((tests.recurring('weekly')).starts_at, now(), 'from now on');

select * from finish();
rollback;
