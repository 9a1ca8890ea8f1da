begin;
select plan(1);

select tests.make_job('parent');
select tests.make_child('child', array['parent']);
select tests.claim('claim 1');
select tests.complete('parent', 'claim 1');
select tests.make_job('later', p_run_at => now() + interval '1 hour');
update public.plan_generation_jobs set run_at = now() where trace_id = 'later';
select set_eq($$ select unnest(tests.claim_names('claim 2', 9)) $$, array['child', 'later']);

select * from finish();
rollback;
