begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.claim('the first', 2);

select is(
  public.count_newest_plan_jobs('{"status": ["processing"]}')::jsonb,
  '{"jobs": 2, "capped": false}', 'those that a filter lets through'
);
select is(
  public.count_newest_plan_jobs('{"job_type": "pgtap"}', 3)::jsonb, '{"jobs": 3, "capped": true}',
  'of as many as it may look at'
);
select is(
  public.count_newest_plan_jobs('{}')::jsonb,
  public.count_plan_jobs('{}')::jsonb || '{"capped": false}',
  'else all of them'
);

select * from finish();
rollback;
