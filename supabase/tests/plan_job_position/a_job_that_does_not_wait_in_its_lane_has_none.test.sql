begin;
select plan(3);

select tests.make_job('completed');
select tests.make_job('running');
select tests.claim('claim 1', 2);
select tests.complete('completed', 'claim 1');
select tests.make_job('later', p_run_at => now() + interval '1 hour');

select is(tests.position('completed') -> 'position_in_queue', 'null', 'it has ended');
select is(tests.position('running') -> 'position_in_queue', 'null', 'it runs');
select is(tests.position('later') -> 'position_in_queue', 'null', 'it waits for its run_at');

select * from finish();
rollback;
