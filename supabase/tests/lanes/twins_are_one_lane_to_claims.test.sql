begin;
select plan(4);

select tests.empty_queue();
select tests.put_off_sweep();
insert into public.plan_job_types (job_type, max_running) values ('pgtap', 1);
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
update supajobs.lanes set floor = (tests.job('job 2')).turn where job_type = 'pgtap';
insert into supajobs.lanes (job_type, priority) values ('pgtap', 5);

select is(
  tests.claim_names('claim 1', 9), array['job 1'], 'both together have the quota of the type'
);
select is(tests.claim_names('claim 2', 9), array[]::text[], 'which is then used up');
select tests.complete('job 1', 'claim 1');
update public.plan_job_types set max_running = null where job_type = 'pgtap';
select is(
  tests.claim_names('claim 3', 9), array['job 2', 'job 3'], 'what both have is taken once'
);

select tests.make_job('high', p_priority => 9);
select tests.make_job('normal');
insert into supajobs.lanes (job_type, priority) values ('pgtap', 9);
select is(
  tests.claim_names('claim 4', 2), array['high', 'normal'], 'and takes the place of one job'
);

select * from finish();
rollback;
