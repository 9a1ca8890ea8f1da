begin;
select plan(1);

select tests.schedule();
select tests.run_all();
select tests.call_processor('20 seconds');
insert into net._http_response (id, status_code, created)
select
  request_id as id,
  500 as status_code,
  now() - interval '1 hour' as created
from supajobs.trigger_calls;

select is(tests.trigger() -> 'last_answer_status', 'null', 'pg_net was made anew since');

select * from finish();
rollback;
