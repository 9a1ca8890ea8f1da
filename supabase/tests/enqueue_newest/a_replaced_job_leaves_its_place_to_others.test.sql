begin;
select plan(6);

select tests.make_user(name) from unnest(array['user a', 'user b']) as name;
insert into public.plan_job_types (job_type, dedupe_by, max_running_per_project)
values ('newest', 'user', 1);
select public.enqueue_plan_job(
  tests.id('user a'), 'newest', '{}', p_trace_id => 'user a', p_project_id => tests.id('project 1')
);
select supajobs.release_held_jobs();
select public.enqueue_plan_job(
  tests.id('user b'), 'newest', '{}', p_trace_id => 'user b', p_project_id => tests.id('project 1')
);
select supajobs.release_held_jobs();
select is((tests.job('user a')).is_held, false, 'one has the place');
select is((tests.job('user b')).is_held, true, 'the other one is held');

select public.enqueue_plan_job(
  tests.id('user a'), 'newest', '{}', p_trace_id => 'user a',
  p_project_id => tests.id('project 2'), p_debounce_seconds => 60
);
select is(tests.claim_names('claim 1', 5, 'newest'), array['user b'], 'which runs once it is left');

select public.enqueue_plan_job(
  tests.id('user a'), 'newest', '{}', p_trace_id => 'user a',
  p_project_id => tests.id('project 1'), p_debounce_seconds => 0
);
select is(
  tests.claim_names('claim 2', 5, 'newest'), '{}', 'its limit holds for it where it is due'
);
select ok((tests.job('user a')).is_held, 'it is held then');
select tests.complete('user b', 'claim 1');
select is(tests.claim_names('claim 3', 5, 'newest'), array['user a'], 'until there is room');

select * from finish();
rollback;
