begin;
select plan(2);

insert into public.plan_job_types (job_type, dedupe_by, allows_provider_key)
values ('per user', 'user', true);
select tests.make_job_with_key('old', 'key 1', p_job_type => 'per user');
select public.cancel_plan_job((tests.job('old')).id, tests.id('user a'));
select tests.make_job_with_key('new', 'key 2', p_job_type => 'per user');

select public.retry_plan_job((tests.job('old')).id, tests.id('user a'), 'key 3');

select is(tests.key('old'), null, 'a newer one holds the dedupe key');
select is(tests.key('new'), 'key 2', 'and has its own');

select * from finish();
rollback;
