begin;
select plan(3);

select tests.violates_check(
  'plan_queue_sweep_one_row',
  'insert into public.plan_queue_sweep (singleton) values (false)'
);
select throws_ok(
  'insert into public.plan_queue_sweep default values',
  'duplicate key value violates unique constraint "plan_queue_sweep_pkey"'
);
select is((select count(*) from public.plan_queue_sweep), 1::bigint, 'and never none');

select * from finish();
rollback;
