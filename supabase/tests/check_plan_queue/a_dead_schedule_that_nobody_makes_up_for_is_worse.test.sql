begin;
select plan(6);

select tests.calm_queue();
select tests.forget_processors();
update supajobs.sweeps set swept_at = now() - interval '61 seconds' where true;
select tests.schedule();
select tests.run('1 second', p_name => 'supajobs_cleanup');
select tests.make_job('for later', p_run_at => now() + interval '1 hour');
select is(tests.troubles(), array['degraded: dead_trigger'], 'while nothing is due');

select tests.make_job('job');
select is(tests.troubles(), array['unhealthy: dead_trigger'], 'jobs wait, and nobody is there');

update supajobs.sweeps set swept_at = now() - interval '50 seconds' where true;
select is(tests.troubles(), array['degraded: dead_trigger'], 'somebody has claimed lately');

update supajobs.sweeps set swept_at = now() - interval '61 seconds' where true;
select tests.make_processor('silent', interval '91 seconds');
select is(tests.troubles(), array['unhealthy: dead_trigger'], 'who is silent is not there');
select tests.make_processor('here', interval '80 seconds');
select is(tests.troubles(), array['degraded: dead_trigger'], 'a processor was seen');

select tests.forget_processors();
select tests.run('1 second');
delete from cron.job_run_details
where jobid = (select jobid from cron.job where jobname = 'supajobs_cleanup');
select is(tests.troubles(), array['degraded: dead_trigger'], 'the cleanup starts no jobs');

select * from finish();
rollback;
