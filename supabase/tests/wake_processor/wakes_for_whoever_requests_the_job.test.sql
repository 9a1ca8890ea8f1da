begin;
select plan(1);

select tests.schedule();
select public.start_plan_job_wakes();
update supajobs.wake set woken_at = '-infinity' where true;
create temp view calls as
select url from net.http_request_queue where url like 'https://app.example/%';

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');

set local role service_role;
select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}');
reset role;

select is((select count(*) from calls), 1::bigint, 'the service sees no secrets of Vault for it');

select * from finish();
rollback;
