begin;
select plan(1);

set local time zone 'Pacific/Auckland'; -- half a day ahead
select tests.make_job('job');
select tests.claim('claim 1');
select tests.complete('job', 'claim 1', p_usage => '{"cost_usd": 1}');
update public.plan_generation_jobs set completed_at = '2026-01-31 23:59:59+00'
where trace_id = 'job';

select supajobs.record_costs(array[(tests.job('job')).id], '2026-01-31 23:59:59+00');

select results_eq(
  $$select month from public.plan_user_costs where user_id = tests.id('user a')$$,
  array['2026-01-01'::date],
  'whatever the time zone of who settles'
);

select * from finish();
rollback;
