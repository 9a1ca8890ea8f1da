begin;
select plan(2);

select tests.schedule();
select tests.run_all();
select tests.call_processor('40 seconds', 500);
select tests.call_processor('10 seconds', 500);

select is(tests.trigger('supajobs_cleanup') -> 'is_alive', 'true', 'it calls nobody');
select is(tests.trigger('supajobs_cleanup') -> 'last_answer_at', 'null', 'and is not answered');

select * from finish();
rollback;
