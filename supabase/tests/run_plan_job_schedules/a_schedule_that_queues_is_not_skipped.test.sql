begin;
select plan(2);

select tests.empty_queue();
select tests.make_recurring('weekly', p_more => '{"overlap": "queue"}');
select is(tests.take('weekly', 3), 'created', 'all of them');
select is(tests.params_of_jobs(), '[{}, {}, {}]', 'three jobs');

select * from finish();
rollback;
