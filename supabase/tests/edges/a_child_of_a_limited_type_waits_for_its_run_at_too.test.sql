begin;
select plan(3);

select tests.make_job('parent');
insert into public.plan_job_types (job_type, max_running_per_user) values ('few', 1);
select public.enqueue_plan_job(
  tests.id('user a'), 'few', '{}', p_trace_id => 'child', p_run_at => now() + interval '1 hour',
  p_after => jsonb_build_array((tests.job('parent')).id)
);
select tests.claim('claim 1');
select tests.complete('parent', 'claim 1');
select is(tests.claim_names('claim 2', 1, 'few'), '{}', 'the end of its parent is not enough');
select ok(not (tests.job('child')).is_held, 'it is held for nobody until then');
update public.plan_generation_jobs set run_at = now() where trace_id = 'child';
select is(tests.claim_names('claim 3', 1, 'few'), array['child'], 'when it is due, it runs');

select * from finish();
rollback;
