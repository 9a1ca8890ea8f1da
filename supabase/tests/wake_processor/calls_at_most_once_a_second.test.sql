begin;
select plan(2);

select tests.schedule();
select public.start_plan_job_wakes();
update supajobs.wake set woken_at = '-infinity' where true;
create temp view calls as
select url from net.http_request_queue where url like 'https://app.example/%';

select tests.make_job('job ' || number) from generate_series(1, 50) as number;
select is((select count(*) from calls), 1::bigint, 'for fifty requests');

update supajobs.wake set woken_at = clock_timestamp() - interval '1 second' where true;
select tests.make_job('job');
select is((select count(*) from calls), 2::bigint, 'and for the next second');

select * from finish();
rollback;
