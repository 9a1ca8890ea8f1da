begin;
select plan(2);

select tests.schedule();

create temp table request as select supajobs.call_processor() as id;

select results_eq(
  $$
    select queued.url, queued.headers ->> 'Authorization'
    from net.http_request_queue as queued
    inner join request on queued.id = request.id
  $$,
  $$values ('https://app.example/v1/queue/process', 'Bearer open sesame')$$,
  'pg_net has the request'
);
select is_empty('select from supajobs.trigger_calls', 'the record is of the schedule alone');

select * from finish();
rollback;
