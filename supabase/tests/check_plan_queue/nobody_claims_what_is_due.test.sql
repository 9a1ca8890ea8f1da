begin;
select plan(4);

select tests.calm_queue();
update supajobs.sweeps set swept_at = now() - interval '181 seconds' where true;
select tests.make_job('for later', p_run_at => now() + interval '1 hour');
select is(tests.troubles(), array['degraded: nobody_claims'], 'what is for later can wait');

select tests.make_older('for later', interval '1 second');
select is(tests.troubles(), array['unhealthy: nobody_claims'], 'until it is due');

select tests.empty_queue();
select tests.make_job('job');
select is(tests.troubles(), array['unhealthy: nobody_claims'], 'as others are at once');
select is(public.check_plan_queue() ->> 'status', 'unhealthy', 'so is the whole');

select * from finish();
rollback;
