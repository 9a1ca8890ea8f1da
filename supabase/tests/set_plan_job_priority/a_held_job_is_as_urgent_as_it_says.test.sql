begin;
select plan(7);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job(format('job %s', n)) from generate_series(1, 4) as n;
select tests.claim('claim 1');
select public.set_plan_job_priority((tests.job('job 3')).id, 9);
select ok((tests.job('job 3')).is_held, 'it is held for its user''s limit on');
select tests.complete('job 1', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['job 3'], 'it is let go first');

-- One that has been let go, and is not claimed yet.
select tests.complete('job 3', 'claim 2');
select supajobs.release_held_jobs();
select ok((tests.job('job 2')).turn is not null, 'the next one has a turn');
select public.set_plan_job_priority((tests.job('job 2')).id, 1);
select is(tests.claim_names('claim 3', 9), array['job 4'], 'a more urgent one takes its place');
select is(tests.claim_names('claim 4', 9), '{}', 'they are still held to the limit');
select tests.complete('job 4', 'claim 3');
select is(tests.claim_names('claim 5', 9), array['job 2'], 'it comes when there is room');

select tests.make_job('parent', p_job_type => 'pgtap other');
select tests.make_child('child', array['parent'], p_job_type => 'pgtap other');
select public.set_plan_job_priority((tests.job('child')).id, 9);
select is(
  tests.claim_names('claim 6', 9, 'pgtap other'),
  array['parent'],
  'one that waits for its parents waits on'
);

select * from finish();
rollback;
