begin;
select plan(3);

select tests.schedule();
select tests.call_processor(make_interval(secs => number)) from generate_series(1, 30) as number;

create temp table request as select supajobs.trigger_processing() as id;

select is(
  (select count(*) from supajobs.trigger_calls), 20::bigint, 'and no more'
);
select is(
  (select request_id from supajobs.trigger_calls order by called_at desc limit 1),
  (select id from request),
  'the last one by its id'
);
select is(
  (select min(called_at) from supajobs.trigger_calls), now() - interval '19 seconds',
  'the oldest went'
);

select * from finish();
rollback;
