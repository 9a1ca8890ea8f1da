begin;
select plan(4);

select tests.empty_queue();
select tests.put_off_sweep();
select tests.make_job('a' || number, 'user a') from generate_series(1, 200) as number;
select tests.claim('claim 1', 200);
select tests.fail('a' || number, 'claim 1', p_retryable => false)
from generate_series(1, 200) as number;
select public.retry_plan_job((tests.job('a' || number)).id, tests.id('user a'))
from generate_series(1, 200) as number;
select tests.make_job('b', 'user b');

select is(tests.claim_names('claim 2', 2), array['a1', 'b'], 'each has the next place');
select tests.make_job('a201', 'user a');
select is((tests.job('a201')).turn, 200::bigint, 'a new one comes after those retried');

select public.cancel_plan_job((tests.job('a200')).id, tests.id('user a'));
select public.cancel_plan_job((tests.job('a201')).id, tests.id('user a'));
select tests.make_job('a202', 'user a');
select is((tests.job('a202')).turn, 199::bigint, 'that still wait');

select public.cancel_plan_job(id, user_id)
from public.plan_generation_jobs where user_id = tests.id('user a') and status = 'pending';
select tests.make_job('a203', 'user a');
select is((tests.job('a203')).turn, 0::bigint, 'and at the head when none does');

select * from finish();
rollback;
