begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (
  job_type, max_cost_per_user_month, max_enqueues, enqueue_window_seconds
)
values ('pgtap', 5, 1, 1);
select tests.make_job('job');
update public.plan_job_types set max_cost_per_user_month = 0 where job_type = 'pgtap';

create temp table answer as
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}')::jsonb as told;

select is((select told ->> 'outcome' from answer), 'cost_limited', 'that one is the longer');
select ok(
  (select (told ->> 'retry_after')::integer > 1 from answer),
  'to come back in a second would be of no use'
);

select * from finish();
rollback;
