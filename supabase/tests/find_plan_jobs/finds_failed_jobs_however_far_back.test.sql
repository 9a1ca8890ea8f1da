begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('the failed one');
select tests.claim('the first');
select tests.fail('the failed one', 'the first', '{"code": "broken"}', false);
select tests.make_job('job ' || number) from generate_series(1, 20) as number;

select is(
  public.find_plan_jobs('{"status": ["failed"]}', p_max_looks => 5)::jsonb
  #>> '{jobs, 0, trace_id}',
  'the failed one', 'behind more others than it may look at'
);
select tests.claim('the second', 1);
select is(
  public.find_plan_jobs('{"status": ["processing"]}', p_max_looks => 25)::jsonb
  #>> '{jobs, 0, trace_id}',
  'job 1', 'as those that have not ended, where they are few'
);

select * from finish();
rollback;
