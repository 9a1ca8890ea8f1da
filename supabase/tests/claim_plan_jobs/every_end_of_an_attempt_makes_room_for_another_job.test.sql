begin;
select plan(4);

insert into public.plan_job_types (job_type, max_running) values ('pgtap', 4);
select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 10) as number;
select tests.claim('claim 1', 4);

select tests.complete('job 1', 'claim 1');
select is(tests.claim_names('claim 2', 9), array['job 5'], 'a completion does');
select tests.fail('job 2', 'claim 1', p_retry_after => 60);
select is(tests.claim_names('claim 3', 9), array['job 6'], 'and an error');
select tests.release('job 3', 'claim 1');
select is(tests.claim_names('claim 4', 9), array['job 3'], 'and a release');
select tests.expire_lease('job 4');
select is(tests.claim_names('claim 5', 9), array['job 4'], 'and the sweep inside the claim');

select * from finish();
rollback;
