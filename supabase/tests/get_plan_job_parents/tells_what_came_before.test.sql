begin;
select plan(3);

select tests.make_job('parent 1');
select tests.make_job('parent 2');
select tests.make_child('child', array['parent 1', 'parent 2'], 'run');
select tests.claim('claim 1', 2);
select tests.complete('parent 1', 'claim 1', '{"n": 1}');
select tests.fail('parent 2', 'claim 1', '{"code": "broken"}', p_retryable => false);
select tests.claim('claim 2');
select is(
  public.get_plan_job_parents((tests.job('child')).id, tests.id('claim 2'))::jsonb,
  jsonb_build_object(
    'outcome', 'found',
    'parents', jsonb_build_array(
      jsonb_build_object(
        'ref', 'parent 1', 'job_id', (tests.job('parent 1')).id, 'job_type', 'pgtap',
        'status', 'completed', 'result', '{"n": 1}'::jsonb, 'error', null
      ),
      jsonb_build_object(
        'ref', 'parent 2', 'job_id', (tests.job('parent 2')).id, 'job_type', 'pgtap',
        'status', 'failed', 'result', null, 'error', '{"code": "broken"}'::jsonb
      )
    )
  )
);
delete from public.plan_generation_jobs where trace_id = 'parent 1';
select is(
  public.get_plan_job_parents((tests.job('child')).id, tests.id('claim 2'))
  #>> '{parents, 0, status}',
  'completed',
  'how one ended that is gone by now, too'
);
select is(
  public.get_plan_job_parents((tests.job('child')).id, tests.id('claim 1'))::jsonb,
  '{"outcome": "stale"}'
);

select * from finish();
rollback;
