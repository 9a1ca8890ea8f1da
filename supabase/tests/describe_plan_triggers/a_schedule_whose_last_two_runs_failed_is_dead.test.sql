begin;
select plan(5);

select tests.schedule();
select tests.run('61 seconds');
select tests.run('31 seconds', 'failed', 'connection failed');
select is(tests.trigger() -> 'is_alive', 'true', 'one failure says nothing');
select is(tests.trigger() ->> 'last_run_status', 'failed', 'but is told');

select tests.run('1 second', 'failed', e'ERROR:  no such thing\nCONTEXT:  a function');
select is(tests.trigger() -> 'is_alive', 'false', 'two do');
select is(tests.trigger() ->> 'reason', 'It fails: ERROR:  no such thing', 'and why');

select tests.run('0 seconds', 'running', null);
select is(tests.trigger() -> 'is_alive', 'true', 'until the next is under way');

select * from finish();
rollback;
