begin;
select plan(4);

insert into public.plan_job_types (job_type, max_cost_per_user_month) values ('pgtap', 1);
select tests.make_job('job 1');
select tests.make_job('job 2');
select tests.claim('claim 1', 2);

select tests.complete('job 1', 'claim 1', p_usage => '{"cost_usd": 0.99}');
select isnt(tests.make_job('job 3'), null, 'less than the budget leaves room for one more');

select tests.complete('job 2', 'claim 1', p_usage => '{"cost_usd": 0.01}');
create temp table answer as
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}')::jsonb as told;

select is((select told ->> 'outcome' from answer), 'cost_limited', 'all of it leaves none');
select ok(
  (
    select
      now() + (told ->> 'retry_after')::integer * interval '1 second'
      - (tests.this_month() + interval '1 month') at time zone 'utc'
      between interval '-1 minute' and interval '1 second'
    from answer
  ),
  'until the month (UTC) is over'
);
select isnt(tests.make_job('of b', 'user b'), null, 'other users have their own');

select * from finish();
rollback;
