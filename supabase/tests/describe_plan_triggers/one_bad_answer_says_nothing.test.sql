begin;
select plan(4);

select tests.schedule();
select tests.run_all();
select tests.call_processor('40 seconds', 202);
select tests.call_processor('10 seconds', 502);
select is(tests.trigger() -> 'is_alive', 'true', 'a server may restart');
select is(tests.trigger() -> 'last_answer_status', '502', 'but it is told');

select tests.call_processor('8 seconds', 502);
select is(tests.trigger() -> 'is_alive', 'false', 'two in a row are trouble');

delete from supajobs.trigger_calls where true;
select tests.call_processor('10 seconds', 502);
select is(tests.trigger() -> 'is_alive', 'false', 'and so is the only one there is');

select * from finish();
rollback;
