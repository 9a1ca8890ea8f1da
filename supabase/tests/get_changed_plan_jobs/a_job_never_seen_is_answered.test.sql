begin;
select plan(1);

select tests.make_job('job');

select is(
  public.get_changed_plan_jobs(jsonb_build_object((tests.job('job')).id, null))
  #>> '{jobs, 0, trace_id}',
  'job',
  'null stands for never'
);

select * from finish();
rollback;
