begin;
select plan(1);

select is(public.plan_job_position(tests.id('unheard of'))::jsonb, null, 'there is no such job');

select * from finish();
rollback;
