begin;
select plan(1);

select tests.calm_queue();
select tests.forget_processors();
select cron.unschedule(jobname) from cron.job where jobname like 'supajobs%';
select tests.make_job('job');

select is(tests.troubles(), '{}', 'its workers are always on');

select * from finish();
rollback;
