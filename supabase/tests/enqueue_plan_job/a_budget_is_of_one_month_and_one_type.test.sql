begin;
select plan(3);

insert into public.plan_job_types (job_type, max_cost_per_user_month) values ('pgtap', 1);

select tests.make_cost('pgtap', (tests.this_month() - interval '1 month')::date, 5);
select isnt(tests.make_job('job 1'), null, 'what was spent last month does not count');

select tests.make_cost('another', tests.this_month(), 5);
select isnt(tests.make_job('job 2'), null, 'nor what was spent on other jobs');

select tests.make_cost('pgtap', tests.this_month(), 5);
select is(tests.make_job('job 3'), null, 'the same in this month does');

select * from finish();
rollback;
