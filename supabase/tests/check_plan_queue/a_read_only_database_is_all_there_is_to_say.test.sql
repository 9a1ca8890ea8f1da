begin;
select plan(2);

select tests.make_job('job');
update supajobs.sweeps set swept_at = now() - interval '1 hour';
set local default_transaction_read_only = on;

select is(
  public.check_plan_queue() ->> 'status', 'unhealthy', 'nothing works'
);
select is(
  (
    select json_agg(reason ->> 'code')
    from json_array_elements(public.check_plan_queue() -> 'reasons') as reason
  ) #>> '{}',
  '["database_read_only"]',
  'and nobody else is to blame'
);

select * from finish();
rollback;
