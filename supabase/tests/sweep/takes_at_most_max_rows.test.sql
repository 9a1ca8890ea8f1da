begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim 1', 3);
select tests.expire_lease('job ' || number) from generate_series(1, 3) as number;

select is(supajobs.sweep(2), 2, 'two of three are swept');
select is(
  (select count(*) from public.plan_generation_jobs where status = 'processing'),
  1::bigint,
  'one waits for the next sweep'
);

select * from finish();
rollback;
