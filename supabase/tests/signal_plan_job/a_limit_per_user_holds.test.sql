begin;
select plan(4);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 1);
select tests.make_job('job');
select tests.make_job('other');
select tests.claim('claim 1');
select tests.suspend('job', 'claim 1');
select is(tests.claim_names('claim 2', 2), array['other'], 'who waits leaves the place to another');

select tests.signal('job');

select is((tests.job('job')).is_held, true, 'and waits for it again');
select is(tests.claim_names('claim 3', 2), '{}', 'nobody gets it');
select tests.complete('other', 'claim 2');
select is(tests.claim_names('claim 4', 2), array['job'], 'before the other has ended');

select * from finish();
rollback;
