begin;
select plan(2);

select tests.empty_queue();
insert into public.plan_job_types (job_type, dedupe_by) values ('pgtap', 'user');
select tests.make_job('job');
select tests.make_recurring('weekly');
select is(tests.take('weekly'), 'existing', 'one at a time');
select is((tests.recurring('weekly')).last_job_id, (tests.job('job')).id, 'that one');

select * from finish();
rollback;
