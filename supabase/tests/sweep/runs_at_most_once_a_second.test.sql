begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('job 1');
select tests.make_job('job 2');
select tests.claim('claim 1', 2);
select tests.expire_lease('job 1');

select is(supajobs.sweep(), 1, 'the first sweep finds a job');
update public.plan_generation_jobs set lease_expires_at = clock_timestamp()
where trace_id = 'job 2';
select is(supajobs.sweep(), 0, 'the next, within the second, does not look');

update supajobs.sweeps
set swept_at = clock_timestamp() - interval '1.1 seconds', pause = interval '1 second';
select is(supajobs.sweep(), 1, 'a second later it does');

select * from finish();
rollback;
