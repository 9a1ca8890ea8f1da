begin;
select plan(4);

select tests.empty_queue();
select tests.make_job('story ' || number, 'user a', 'story') from generate_series(1, 9) as number;
select tests.claim('the first', 2, 'story');

update public.plan_job_types set max_running = 4 where job_type = 'story';
select is(
  public.describe_plan_scale(1)::jsonb -> 'total',
  '{"due": 2, "running": 2, "workers": 4}',
  'as many as may run'
);
update public.plan_job_types set max_running = 1 where job_type = 'story';
select is(
  public.describe_plan_scale(1)::jsonb -> 'total',
  '{"due": 0, "running": 2, "workers": 2}',
  'those that run, where the limit has been lowered since'
);
update public.plan_job_types set max_running = null, starts_per_minute = 3
where job_type = 'story';
select is(
  public.describe_plan_scale(1)::jsonb -> 'total',
  '{"due": 3, "running": 2, "workers": 5}',
  'as many as may start within a minute'
);
update public.plan_job_types set max_running = 0, starts_per_minute = null
where job_type = 'story';
select is(
  public.describe_plan_scale(1)::jsonb #> '{total, due}', '0', 'nobody, while they are held back'
);

select * from finish();
rollback;
