begin;
select plan(3);

select tests.make_job('system ' || number, null) from generate_series(1, 40) as number;
select tests.make_job('a ' || number, 'user a') from generate_series(1, 3) as number;
select tests.make_job('b ' || number, 'user b') from generate_series(1, 2) as number;

select is(
  tests.claim_names('claim 1', 9),
  array['system 1', 'a 1', 'b 1', 'system 2', 'a 2', 'b 2', 'system 3', 'a 3', 'system 4'],
  'one after the other'
);

-- What comes again is looked for by its own index.
select tests.fail('system 1', 'claim 1', p_retry_after => 0);
select tests.fail('system 2', 'claim 1', p_retry_after => 0);
select tests.claim('claim 2');
select cmp_ok(
  (
    select min(job.turn) from public.plan_generation_jobs as job
    where job.trace_id in ('system 1', 'system 2')
  ),
  '>',
  (tests.job('system 40')).turn,
  'a retry comes after those that wait'
);
select is(
  (tests.job('system 2')).turn - (tests.job('system 1')).turn,
  1::bigint,
  'two that come together come one after the other'
);

select * from finish();
rollback;
