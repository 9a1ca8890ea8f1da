begin;
select plan(3);

insert into public.plan_job_types (job_type, dedupe_by) values ('per user', 'user');
select tests.make_job('old', p_job_type => 'per user');
select public.cancel_plan_job((tests.job('old')).id, tests.id('user a'));
select tests.make_job('new', p_job_type => 'per user');

create temp table answer as
select public.retry_plan_job((tests.job('old')).id, tests.id('user a')) as retried;

select is((select retried ->> 'outcome' from answer), 'existing', 'there is one already');
select is((select retried #>> '{job, trace_id}' from answer), 'new', 'it is returned');
select is((tests.job('old')).status, 'cancelled', 'the old one stays cancelled');

select * from finish();
rollback;
