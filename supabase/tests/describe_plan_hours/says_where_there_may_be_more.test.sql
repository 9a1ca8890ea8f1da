begin;
select plan(2);

select tests.empty_queue();
delete from supajobs.unsuccessful_attempts where true;
create function pg_temp.is_capped() returns boolean
language sql
as $$
  select (public.describe_plan_hours(1)::jsonb #>> '{hours, 0, capped}')::boolean
$$;

select tests.make_attempt(1, 'failed') from generate_series(1, 19999);
select is(pg_temp.is_capped(), false, 'all attempts that went wrong were looked at');
select tests.make_attempt(1, 'failed');
select is(pg_temp.is_capped(), true, 'there may be more of them');

select * from finish();
rollback;
