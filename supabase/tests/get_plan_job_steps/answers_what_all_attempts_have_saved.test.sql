begin;
select plan(1);

select tests.make_job('job');
select tests.make_job('other');
select tests.claim('claim 1', 2);
select tests.save_step('job', 'claim 1', 'outline', '{"weeks": 4}');
select tests.save_step('other', 'claim 1', 'outline', '{"weeks": 8}');
select tests.release('job', 'claim 1');
select tests.claim('claim 2');
select tests.save_step('job', 'claim 2', 'block-1', '[1, 2]');

select is(
  public.get_plan_job_steps((tests.job('job')).id, tests.id('claim 2'))::jsonb
  - array['waits', 'signals'],
  '{"outcome": "found", "steps": {"outline": {"weeks": 4}, "block-1": [1, 2]}}',
  'the outputs by name'
);

select * from finish();
rollback;
