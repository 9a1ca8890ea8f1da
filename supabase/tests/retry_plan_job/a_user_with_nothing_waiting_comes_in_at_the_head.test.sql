begin;
select plan(1);

select tests.make_job('old', 'user b');
select public.cancel_plan_job((tests.job('old')).id, tests.id('user b'));
select tests.make_job('a' || number, 'user a') from generate_series(1, 5) as number;
select tests.claim('claim 1', 3);

select public.retry_plan_job((tests.job('old')).id, tests.id('user b'));

select is((tests.job('old')).turn, (tests.job('a4')).turn, 'it is served in the next turn');

select * from finish();
rollback;
