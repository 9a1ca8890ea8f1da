begin;
select plan(6);

insert into public.plan_job_types (job_type, max_running_per_user) values ('pgtap', 2);
select tests.make_job('a 1');
select tests.make_job('a 2');
select tests.make_job('a 3');
select tests.make_job('b 1', 'user b');
select is(tests.claim_names('claim 1', 9), array['a 1', 'b 1', 'a 2'], 'two of a, and one of b');
select ok((tests.job('a 3')).is_held, 'the third is held');
select is((tests.job('a 3')).turn, null, 'without a turn');
select is(tests.claim_names('claim 2', 9), '{}', 'the next claim does not take it');
select tests.complete('a 1', 'claim 1');
select is(tests.claim_names('claim 3', 9), array['a 3'], 'it comes when one has ended');
select tests.complete('b 1', 'claim 1');
select tests.complete('a 2', 'claim 1');
select tests.complete('a 3', 'claim 3');
select tests.claim('claim 4');
select is_empty('select from supajobs.keyed_jobs', 'and nothing of them is kept');

select * from finish();
rollback;
