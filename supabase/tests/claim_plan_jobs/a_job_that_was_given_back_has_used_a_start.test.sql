begin;
select plan(1);

insert into public.plan_job_types (job_type, starts_per_minute) values ('pgtap', 1);
select tests.make_job('job');
select tests.claim('claim 1');
select tests.release('job', 'claim 1');

select is(tests.claim_names('claim 2'), array[]::text[], 'its provider may have been called');

select * from finish();
rollback;
