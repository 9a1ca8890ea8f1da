begin;
select plan(2);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 5);
select tests.make_job('high ' || number, p_priority => 9) from generate_series(1, 2) as number;
select tests.make_job('normal ' || number) from generate_series(1, 2) as number;
select tests.make_job('low ' || number, p_priority => 1) from generate_series(1, 9) as number;

select is(
  tests.claim_names('claim 1', 9),
  array['high 1', 'high 2', 'normal 1', 'normal 2', 'low 1'],
  'the highest priority first, five in all'
);
select is(tests.claim_names('claim 2', 9), array[]::text[], 'a lane of its own is no quota');

select * from finish();
rollback;
