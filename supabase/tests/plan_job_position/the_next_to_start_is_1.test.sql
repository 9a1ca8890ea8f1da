begin;
select plan(4);

select tests.make_job('a' || number, 'user a') from generate_series(1, 3) as number;
select tests.make_job('b', 'user b');

select is(tests.position('a1') -> 'position_in_queue', '1', 'the next');
select is(tests.position('b') -> 'position_in_queue', '2', 'then the other user''s turn');
select is(tests.position('a3') -> 'position_in_queue', '4', 'the last');

select tests.claim('claim 1', 2);
select is(tests.position('a2') -> 'position_in_queue', '1', 'two have started');

select * from finish();
rollback;
