begin;
select plan(2);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 0);
select tests.make_job('job');

select is(tests.claim_names('claim 1'), array[]::text[], 'nothing starts');
update public.plan_job_types set max_running = null where job_type = 'pgtap';
select is(tests.claim_names('claim 2'), array['job'], 'until the limit is lifted');

select * from finish();
rollback;
