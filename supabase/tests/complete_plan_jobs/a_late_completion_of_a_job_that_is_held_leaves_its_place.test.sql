begin;
select plan(5);

insert into public.plan_job_types (job_type, max_running_per_user, max_crashes)
values ('pgtap', 1, 1);
select tests.make_job('lost');
select tests.make_job('next');
select tests.claim('claim 1');
select tests.expire_lease('lost');
select tests.sweep();
select is(tests.claim_names('claim 2', 9), array['next']);
select public.retry_plan_job((tests.job('lost')).id, tests.id('user a'));
select tests.claim('claim 3');
select ok((tests.job('lost')).is_held, 'run again, it waits for the other one of its user');

select is(tests.complete('lost', 'claim 1'), 'completed', 'its work is not thrown away');
select ok(not (tests.job('lost')).is_held, 'and it waits for nobody any longer');

select tests.complete('next', 'claim 2');
select tests.make_job('last');
select is(tests.claim_names('claim 4', 9), array['last'], 'whoever comes has its place');

select * from finish();
rollback;
