begin;
select plan(9);

select tests.schedule();
select tests.run_all();

create function pg_temp.reason(p_status integer, p_error text, p_timed_out boolean) returns text
language sql
as $$
  delete from supajobs.trigger_calls where true;
  delete from net._http_response where true;
  select tests.call_processor('48 seconds', p_status, p_error, p_timed_out);
  select tests.call_processor('18 seconds', p_status, p_error, p_timed_out);
  select tests.trigger() ->> 'reason'
$$;

select alike(
  pg_temp.reason(401, null, null),
  'The processor refuses its secret (401): CRON_SECRET of the API is not %',
  '401'
);
select alike(
  pg_temp.reason(404, null, null),
  'There is no processor at its address (404): %',
  '404'
);
select alike(
  pg_temp.reason(307, null, null),
  'There is no processor at its address (307): %',
  '307'
);
select alike(
  pg_temp.reason(503, null, null),
  'The processor''s server fails (503): see the log of the API, and %',
  '503'
);
select alike(
  pg_temp.reason(null, 'Timeout of 5000 ms reached', true),
  'The processor did not answer within 5 seconds: %',
  'Timeout of 5000 ms reached'
);
select alike(
  pg_temp.reason(null, 'Couldn''t connect to server', false),
  'The processor cannot be reached (Couldn''t connect to server): see whether the API runs%',
  'Couldnt connect to server'
);
select alike(
  pg_temp.reason(null, null, null),
  'pg_net has not made its last calls: select net.worker_restart();',
  'no answer'
);
select is(tests.trigger() -> 'is_alive', 'false', 'each means that it is dead');
select is(pg_temp.reason(200, null, null), null, 'as long as it is not well again');

select * from finish();
rollback;
