begin;
select plan(2);

select tests.schedule();
select public.start_plan_job_wakes();
update supajobs.wake set woken_at = '-infinity' where true;
create temp view calls as
select url from net.http_request_queue where url like 'https://app.example/%';

select tests.make_job('job');

select results_eq(
  'select url from calls', array['https://app.example/v1/queue/process'], 'once'
);
select ok((select woken_at > now() from supajobs.wake), 'and when, is kept');

select * from finish();
rollback;
