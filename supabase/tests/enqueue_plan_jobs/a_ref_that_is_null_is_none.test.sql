begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
select is(
  public.enqueue_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('user_id', tests.id('user a'), 'job_type', 'pgtap', 'ref', null)
    )
  ) #>> '{0, outcome}',
  'created'
);
select is(
  public.enqueue_plan_jobs('["ref"]') #>> '{0, outcome}', 'refused', 'nor has one that is no object'
);

select * from finish();
rollback;
