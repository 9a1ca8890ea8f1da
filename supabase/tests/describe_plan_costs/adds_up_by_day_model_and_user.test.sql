begin;
select plan(8);

delete from public.plan_job_costs where true;
create function pg_temp.spend(
  p_user text, p_model text, p_cost numeric, p_ago interval default '0'
) returns void
language sql
as $$
  insert into public.plan_job_costs (
    job_id, claim_id, started_at, user_id, job_type, month, model, input_tokens, output_tokens,
    cost_usd
  )
  values (
    supajobs.new_id(), gen_random_uuid(), now() - p_ago, tests.make_user(p_user), 'pgtap',
    tests.this_month(), p_model, 10, 5, p_cost
  )
$$;

select pg_temp.spend('user a', 'a model', 1);
select pg_temp.spend('user a', 'another', 2);
select pg_temp.spend('user b', 'another', 4, '1 day');
select pg_temp.spend(null, 'another', null);
select pg_temp.spend('user b', 'another', 100, '31 days');
select pg_temp.spend('user ' || number, 'a model', 0.01) from generate_series(1, 30) as number;
create temporary table told as select public.describe_plan_costs(30)::jsonb as costs;

select is(jsonb_array_length(costs -> 'by_day'), 30, 'every day') from told;
select is(
  (select costs #> '{by_day, 28}' from told),
  jsonb_build_object(
    'day', ((now() - interval '1 day') at time zone 'utc')::date, 'attempts', 1,
    'input_tokens', 10, 'output_tokens', 5, 'cost_usd', 4
  ),
  'what began on it'
);
select is(costs #> '{by_day, 29, cost_usd}', '3.30', 'today at the end') from told;
select is(costs #> '{by_day, 0, cost_usd}', '0', 'nothing on a day without any') from told;
select is(costs #>> '{by_model, 0, model}', 'another', 'the most expensive model first') from told;
select is((costs #>> '{by_user, 0, user_id}')::uuid, tests.id('user b'), 'so of users') from told;
select is(jsonb_array_length(costs -> 'by_user'), 20, 'twenty of them') from told;
select is(costs -> 'capped', 'false', 'all of it') from told;

select * from finish();
rollback;
