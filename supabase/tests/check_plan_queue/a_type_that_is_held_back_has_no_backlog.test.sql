begin;
select plan(3);

select tests.calm_queue();
insert into public.plan_job_types (job_type, max_running, starts_per_minute)
values ('pgtap', 0, null), ('pgtap 2', 5, 0), ('pgtap 3', 1, 1);
select tests.make_job('job', p_job_type => 'pgtap');
select tests.make_job('job 2', p_job_type => 'pgtap 2');
select tests.make_older(name, interval '1 day') from unnest(array['job', 'job 2']) as name;

select is(tests.troubles(), '{}', 'it waits as it should');

update supajobs.sweeps set swept_at = '-infinity' where true;
select is(tests.troubles(), array['degraded: nobody_claims'], 'nor is anything of it due');

select tests.make_job('job 3', p_job_type => 'pgtap 3');
select is(tests.troubles(), array['unhealthy: nobody_claims'], 'other limits hold nothing back');

select * from finish();
rollback;
