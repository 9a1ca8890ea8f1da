begin;
select plan(4);

insert into public.plan_job_types (
  job_type, max_enqueues, enqueue_window_seconds, max_cost_per_user_month, open_to_users
)
values
('pgtap', 2, 60, null, true),
('pgtap costly', null, null, 1, true);

create function pg_temp.retry_after(p_user text, p_job_type text) returns integer
language sql
as $$
  select (each.told ->> 'retry_after')::integer
  from json_array_elements(
    public.describe_plan_user_queue(tests.id(p_user), '{}')
  ) as each (told)
  where each.told ->> 'job_type' = p_job_type
$$;

select tests.make_job('first');
select is(pg_temp.retry_after('user a', 'pgtap'), null, 'there is room for one more');
select tests.make_job('second');
-- The window is counted from now(), and what is left of it from the clock.
select ok(pg_temp.retry_after('user a', 'pgtap') between 1 and 60, 'as the next request would be');
select is(pg_temp.retry_after('user b', 'pgtap'), null, 'others are not concerned');

select tests.make_cost('pgtap costly', date_trunc('month', now() at time zone 'utc')::date, 1, 1);
select ok(pg_temp.retry_after('user a', 'pgtap costly') > 0, 'the budget is spent');

select * from finish();
rollback;
