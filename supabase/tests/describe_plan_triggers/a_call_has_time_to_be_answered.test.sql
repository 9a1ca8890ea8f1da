begin;
select plan(2);

select tests.schedule();
select tests.run_all();
select tests.call_processor('14 seconds');
select is(tests.trigger() -> 'is_alive', 'true', 'it is under way');

select tests.call_processor('12 seconds', 500);
select is(tests.trigger() -> 'is_alive', 'false', 'what is answered sooner counts');

select * from finish();
rollback;
