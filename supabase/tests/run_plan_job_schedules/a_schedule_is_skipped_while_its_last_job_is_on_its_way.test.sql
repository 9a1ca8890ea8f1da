begin;
select plan(7);

select tests.empty_queue();
select tests.make_recurring('weekly');
select is(tests.take('weekly'), 'created', 'the first');
select tests.make_due_again('weekly');
select is(tests.take('weekly'), 'skipped', 'while it waits');
select is(tests.params_of_jobs(), '[{}]', 'one job');
select is(
  (tests.recurring('weekly')).last_job_id,
  (select id from public.plan_generation_jobs),
  'which is the last one'
);
select tests.claim('claim');
select tests.make_due_again('weekly');
select is(tests.take('weekly'), 'skipped', 'while it runs');
update public.plan_generation_jobs set trace_id = 'job' where true;
select tests.complete('job', 'claim');
select tests.make_due_again('weekly');
select is(tests.take('weekly'), 'created', 'when it has ended');
select is(tests.params_of_jobs(), '[{}, {}]', 'the next job');

select * from finish();
rollback;
