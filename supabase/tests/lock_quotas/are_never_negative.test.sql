begin;
select plan(1);

insert into public.plan_job_types (job_type) values ('pgtap');
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim 1', 3);
update public.plan_job_types set max_running = 1 where job_type = 'pgtap';

select is(supajobs.lock_quotas('{pgtap}'), '{"pgtap": 0}', 'a limit that came late');

select * from finish();
rollback;
