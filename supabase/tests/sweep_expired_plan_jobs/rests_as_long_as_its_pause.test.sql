begin;
select plan(2);

update public.plan_queue_sweep
set swept_at = clock_timestamp() - interval '4 seconds', pause = interval '5 seconds'
where singleton;
create temp table before as select * from public.plan_queue_sweep;
select public.sweep_expired_plan_jobs();
select results_eq(
  'select * from public.plan_queue_sweep', 'select * from before', 'four of five seconds are over'
);

update public.plan_queue_sweep set swept_at = clock_timestamp() - interval '5.1 seconds'
where singleton;
select public.sweep_expired_plan_jobs();
select ok((select swept_at > now() from public.plan_queue_sweep), 'after five it looks again');

select * from finish();
rollback;
