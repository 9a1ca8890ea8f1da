begin;
select plan(1);

select tests.make_job('a' || number, 'user a') from generate_series(1, 3) as number;
select tests.make_job('b1', 'user b');
select tests.claim('claim 1', 2);
select tests.complete('a1', 'claim 1');

select tests.make_job('b2', 'user b');

select is((tests.job('b2')).turn, (tests.job('a2')).turn, 'a job that runs is no reason to wait');

select * from finish();
rollback;
