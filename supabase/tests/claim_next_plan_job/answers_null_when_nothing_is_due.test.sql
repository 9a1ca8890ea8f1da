begin;
select plan(1);

select tests.empty_queue();

select is(public.claim_next_plan_job('worker 1')::jsonb, null, 'there is no job');

select * from finish();
rollback;
