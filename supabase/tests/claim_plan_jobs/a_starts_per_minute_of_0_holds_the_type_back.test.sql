begin;
select plan(1);

insert into public.plan_job_types (job_type, starts_per_minute) values ('pgtap', 0);
select tests.make_job('job');

select is(tests.claim_names('claim 1'), array[]::text[], 'nothing starts');

select * from finish();
rollback;
