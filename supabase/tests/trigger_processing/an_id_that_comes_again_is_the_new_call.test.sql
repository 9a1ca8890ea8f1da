begin;
select plan(1);

select tests.schedule();
-- As if pg_net had been dropped and made anew since.
insert into supajobs.trigger_calls (request_id, called_at)
select
  last_value + number as request_id,
  now() - interval '1 hour' as called_at
from net.http_request_queue_id_seq, generate_series(0, 2) as number;

create temp table request as select supajobs.trigger_processing() as id;

select results_eq(
  $$
    select called_at > now() - interval '1 minute'
    from supajobs.trigger_calls inner join request on request_id = id
  $$,
  array[true],
  'of now'
);

select * from finish();
rollback;
