begin;
select plan(1);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
select is(
  public.enqueue_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('user_id', tests.id('user a'), 'job_type', 'unheard of', 'ref', 'one'),
      jsonb_build_object(
        'user_id', tests.id('user a'), 'job_type', 'pgtap', 'after', jsonb_build_array('one')
      )
    )
  ) #>> '{1, code}',
  'parent_not_found'
);

select * from finish();
rollback;
