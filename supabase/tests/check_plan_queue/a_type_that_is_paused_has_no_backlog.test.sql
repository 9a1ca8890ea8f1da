begin;
select plan(2);

select tests.calm_queue();
select tests.make_job('job');
select tests.make_older('job', interval '1 day');
select is(tests.troubles(), array['unhealthy: old_backlog'], 'it is old');

select public.pause_plan_jobs();
select is(tests.troubles(), '{}', 'and waits as it should');

select * from finish();
rollback;
