begin;
select plan(2);

select tests.schedule('0 */8 * * *');
select tests.run('7 hours');
select tests.call_processor('7 hours');

select is(tests.trigger() -> 'is_alive', 'true', 'it keeps answers for six hours');
select is(tests.trigger() -> 'last_answer_at', 'null', 'there is none');

select * from finish();
rollback;
