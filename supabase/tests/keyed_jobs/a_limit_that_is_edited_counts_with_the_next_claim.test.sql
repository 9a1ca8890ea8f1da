begin;
select plan(4);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job ' || n) from generate_series(1, 5) as n;
select is(tests.claim_names('claim 1', 9), array['job 1']);
update public.plan_job_types set max_running_per_user = 3 where job_type = 'pgtap';
select is(tests.claim_names('claim 2', 9), array['job 2', 'job 3'], 'raised');
update public.plan_job_types set max_running_per_user = null where job_type = 'pgtap';
select is(tests.claim_names('claim 3', 9), array['job 4', 'job 5'], 'taken away');

insert into public.plan_job_types (job_type, max_running_per_user) values ('gone', 1);
select tests.make_job('old ' || n, p_job_type => 'gone') from generate_series(1, 2) as n;
select tests.claim('claim 4', 9, 'gone');
delete from public.plan_job_types where job_type = 'gone';
select is(tests.claim_names('claim 5', 9, 'gone'), array['old 2'], 'gone with its type');

select * from finish();
rollback;
