begin;
select plan(1);

select tests.make_cost('one', '2026-01-01', 0.1, 10, 1);
select tests.make_cost('one', '2026-01-01', null, 20);
select tests.make_cost('one', '2026-02-01', 0.3, 30, 3);
select tests.make_cost('two', '2026-01-01', 0.7);

select bag_eq(
  $$
    select job_type, month, input_tokens, output_tokens, cost_usd from public.plan_user_costs
    where user_id = tests.id('user a')
  $$,
  $$
    values
    ('one', '2026-01-01'::date, 30::bigint, 1::bigint, 0.1),
    ('one', '2026-02-01', 30, 3, 0.3),
    ('two', '2026-01-01', 0, 0, 0.7)
  $$,
  'what has no known cost adds its tokens alone'
);

select * from finish();
rollback;
