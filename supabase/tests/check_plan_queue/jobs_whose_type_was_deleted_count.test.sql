begin;
select plan(1);

select tests.calm_queue();
select tests.make_job('job');
select tests.make_older('job', interval '301 seconds');
delete from public.plan_job_types where job_type = 'pgtap';

select is(tests.troubles(), array['degraded: old_backlog'], 'they wait like others');

select * from finish();
rollback;
