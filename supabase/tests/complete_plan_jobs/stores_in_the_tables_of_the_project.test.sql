begin;
select plan(5);

select tests.make_store('return ''{"story": 7}'';');
select tests.make_job('job');
select tests.make_job('plain');
select tests.claim('claim 1', 2);

set local role service_role;
select is(
  tests.outcomes(
    public.complete_plan_jobs(
      jsonb_build_array(
        tests.entry('job', 'claim 1', '{"result": {"pages": 3}, "store": {"title": "Fox"}}'),
        tests.entry('plain', 'claim 1', '{"result": {"pages": 3}}')
      )
    )
  ),
  '{"job": "completed", "plain": "completed"}',
  'beside a job that stores nothing'
);
select results_eq(
  'select job_id, title from app.stories',
  $$values ((tests.job('job')).id, 'Fox')$$,
  'once, as the service'
);
select is((tests.job('job')).result, '{"pages": 3, "story": 7}', 'with what it returned');
select is((tests.job('plain')).result, '{"pages": 3}', 'the other has a result of its own');
select is(
  tests.complete('job', 'claim 1', p_store => '{}'), 'completed', 'a repeated call is told so'
);

select * from finish();
rollback;
