begin;
select plan(2);

select tests.make_job('parent');
select public.enqueue_plan_job(
  tests.id('user a'), 'pgtap', '{}', p_trace_id => 'child', p_run_at => now() + interval '1 hour',
  p_after => jsonb_build_array((tests.job('parent')).id)
);
select tests.claim('claim 1');
select tests.complete('parent', 'claim 1');
select is(tests.claim_names('claim 2'), '{}', 'its time has not come');
select ok(not (tests.job('child')).is_held, 'that is all it waits for');

select * from finish();
rollback;
