begin;
select plan(2);

select tests.empty_queue();
insert into public.plan_job_types (job_type, max_running) values ('pgtap', 1);
select tests.make_job('job ' || number) from generate_series(1, 2) as number;

select is(public.claim_next_plan_job('worker 1') ->> 'trace_id', 'job 1', 'one job runs');
select is(public.claim_next_plan_job('worker 1') ->> 'trace_id', null, 'the other waits');

select * from finish();
rollback;
