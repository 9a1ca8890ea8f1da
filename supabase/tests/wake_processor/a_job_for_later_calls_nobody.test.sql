begin;
select plan(2);

select tests.schedule();
select public.start_plan_job_wakes();
update supajobs.wake set woken_at = '-infinity' where true;
create temp view calls as
select url from net.http_request_queue where url like 'https://app.example/%';

select tests.make_job('for later', p_run_at => now() + interval '1 minute');
select is_empty('select from calls', 'it is not due');

select tests.make_user('user a');
update public.plan_job_types set dedupe_by = 'user' where job_type = 'pgtap';
select tests.make_job('job');
update supajobs.wake set woken_at = '-infinity' where true;
select tests.make_job('the same again');
select is((select count(*) from calls), 1::bigint, 'nor does a request that makes no job');

select * from finish();
rollback;
