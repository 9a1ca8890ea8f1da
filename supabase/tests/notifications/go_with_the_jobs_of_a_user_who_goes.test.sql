begin;
select plan(2);

select tests.make_job('job', 'user c');
update public.plan_generation_jobs set notifies = true where trace_id = 'job';
select tests.claim('claim 1');
select tests.complete('job', 'claim 1');
select is(count(*), 1::bigint, 'there is one')
from supajobs.notifications where user_id = tests.id('user c');

delete from auth.users where id = tests.id('user c');
select is(count(*), 0::bigint, 'nobody is told any more')
from supajobs.notifications where user_id = tests.id('user c');

select * from finish();
rollback;
