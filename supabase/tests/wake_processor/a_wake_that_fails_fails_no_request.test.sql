begin;
select plan(2);

select tests.schedule();
select public.start_plan_job_wakes();
update supajobs.wake set woken_at = '-infinity' where true;
create temp view calls as
select url from net.http_request_queue where url like 'https://app.example/%';

delete from vault.secrets where name like 'supajobs%';
set local client_min_messages = error;

select isnt(tests.make_job('job'), null, 'the job is there');
select is_empty('select from calls', 'and nobody is called');

select * from finish();
rollback;
