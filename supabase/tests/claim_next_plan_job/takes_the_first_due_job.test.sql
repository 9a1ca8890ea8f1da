begin;
select plan(4);

select tests.empty_queue();
select tests.make_job('low', p_priority => 1);
select tests.make_job('high', p_priority => 9);

select is(public.claim_next_plan_job('worker 1') ->> 'trace_id', 'high', 'one job is answered');
select is((tests.job('high')).status, 'processing', 'it runs');
select isnt((tests.job('high')).claim_id, null, 'under a claim of its own');
select is((tests.job('low')).status, 'pending', 'the other is left');

select * from finish();
rollback;
