begin;
select plan(3);

select tests.empty_queue();
select tests.make_recurring('weekly');
select is(tests.take('weekly', 0), 'missed', 'missed');
select is(tests.params_of_jobs(), '[]', 'no job');
select cmp_ok((tests.recurring('weekly')).next_run_at, '>', now(), 'it goes on');

select * from finish();
rollback;
