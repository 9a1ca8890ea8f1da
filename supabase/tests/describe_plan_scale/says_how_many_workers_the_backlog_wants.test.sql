begin;
select plan(4);

select tests.empty_queue();
select is(
  public.describe_plan_scale(10)::jsonb,
  '{"job_types": [], "total": {"due": 0, "running": 0, "workers": 0}, "jobs_per_worker": 10}',
  'none, where nothing waits or runs'
);

select tests.make_job('story ' || number, 'user a', 'story') from generate_series(1, 5) as number;
select tests.claim('the first', 2, 'story');
select tests.make_job('poem ' || number, 'user a', 'poem') from generate_series(1, 2) as number;
select tests.make_job('later', 'user a', 'poem', 5, now() + interval '1 hour');

select is(
  public.describe_plan_scale(2)::jsonb -> 'job_types',
  '[
    {"job_type": "poem", "due": 2, "running": 0, "workers": 1},
    {"job_type": "story", "due": 3, "running": 2, "workers": 3}
  ]',
  'of each type: what is due and what runs, by so many for each; what is for later wants nobody'
);
select is(
  public.describe_plan_scale(2)::jsonb -> 'total',
  '{"due": 5, "running": 2, "workers": 4}',
  'in total: workers take jobs of any type'
);

update public.plan_generation_jobs set run_at = now() - interval '1 second'
where trace_id = 'later';
select is(
  public.describe_plan_scale(2)::jsonb #> '{total, due}', '6', 'what was put off, and is due'
);

select * from finish();
rollback;
