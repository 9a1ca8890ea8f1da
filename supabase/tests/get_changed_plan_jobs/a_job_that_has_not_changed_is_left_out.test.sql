begin;
select plan(1);

select tests.make_job('job');

select is(
  public.get_changed_plan_jobs(tests.seen('job'))::jsonb,
  '{"jobs": [], "gone": []}',
  'its updated_at is as it was answered'
);

select * from finish();
rollback;
