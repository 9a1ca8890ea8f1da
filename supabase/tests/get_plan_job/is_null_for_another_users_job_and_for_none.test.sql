begin;
select plan(2);

select tests.make_job('job of b', p_user => 'user b');
select tests.make_job('job of a', p_user => 'user a');

select is(
  public.get_plan_job((tests.job('job of b')).id, (tests.job('job of a')).user_id)::jsonb,
  '{"job": null, "position": null}',
  'somebody else''s'
);
select is(
  public.get_plan_job(gen_random_uuid(), (tests.job('job of a')).user_id)::jsonb,
  '{"job": null, "position": null}',
  'none'
);

select * from finish();
rollback;
