begin;
select plan(1);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 5);
select tests.make_job('high', p_priority => 9);
select tests.make_job('normal');
update supajobs.lanes set floor = 1 where job_type = 'pgtap' and priority = 9;
select tests.put_off_sweep();

select is(tests.claim_names('claim 1', 5), array['normal'], 'the other lane goes on');

select * from finish();
rollback;
