begin;
select plan(1);

select tests.calm_queue();
select tests.make_job('job', p_run_at => now() + interval '1 hour');
select tests.make_older('job', interval '301 seconds');

select is(tests.troubles(), array['degraded: old_backlog'], 'before a claim promotes them');

select * from finish();
rollback;
