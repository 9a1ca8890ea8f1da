begin;
select plan(1);

select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim 1', 3);

select tests.complete('job 1', 'claim 1');
select tests.fail('job 2', 'claim 1');
select tests.complete('job 3', 'claim 1', p_usage => '{}');

select is_empty(
  $$select 1 from public.plan_job_costs where user_id = tests.id('user a')$$,
  'the ledger holds what was paid for'
);

select * from finish();
rollback;
