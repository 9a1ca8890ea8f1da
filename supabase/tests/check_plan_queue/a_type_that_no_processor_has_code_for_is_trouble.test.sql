begin;
select plan(5);

select tests.calm_queue();
select tests.forget_processors();
select cron.unschedule(jobname) from cron.job where jobname like 'supajobs%';
select tests.make_job('job');
select tests.make_older('job', interval '2 minutes');

select is(tests.troubles(), '{}', 'nobody was seen: others may have it');
select public.note_plan_processor('other', '1.2.3', 10, 0, array['another']);
select is(tests.troubles(), array['degraded: no_handler'], 'who is there has no code for it');
select public.note_plan_processor('silent', '1.2.3', 10, 0);
select is(tests.troubles(), '{}', 'one does not say what it has');
update supajobs.processors set seen_at = now() - interval '2 minutes'
where worker_id = 'silent';
select is(tests.troubles(), array['degraded: no_handler'], 'and was not seen lately');
select public.note_plan_processor('right', '1.2.3', 10, 0, array['another', 'pgtap']);
select is(tests.troubles(), '{}', 'one has it');

select * from finish();
rollback;
