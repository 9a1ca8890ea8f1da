begin;
select plan(3);

insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('pgtap', 2, 3);
select tests.make_job('job ' || number) from generate_series(1, 10) as number;

select is(tests.claim_names('claim 1', 9), array['job 1', 'job 2'], 'two at once');
select tests.complete('job ' || number, 'claim 1') from generate_series(1, 2) as number;
select is(tests.claim_names('claim 2', 9), array['job 3'], 'three in a minute');
select tests.complete('job 3', 'claim 2');
select is(tests.claim_names('claim 3', 9), array[]::text[], 'nothing runs, but nothing may start');

select * from finish();
rollback;
