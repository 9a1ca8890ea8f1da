begin;
select plan(7);

select tests.empty_queue();
select tests.make_recurring('a');
select tests.make_recurring('b', p_more => '{"params": {"b": 1}}');
select tests.make_recurring('c', p_more => '{"params": {"c": 1}}');
insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('limited', 1, 60), ('gone', null, null);
update public.plan_job_schedules set job_type = 'gone' where name = 'a';
update public.plan_job_schedules set job_type = 'limited' where name = 'b';
delete from public.plan_job_types where job_type = 'gone';
select tests.make_job('used up', p_job_type => 'limited');

select public.run_plan_job_schedules(
  jsonb_build_array(tests.run_of('a'), tests.run_of('b'), tests.run_of('c'))
);
select is((tests.recurring('a')).last_outcome, 'unknown_job_type', 'without a type');
select is((tests.recurring('b')).last_outcome, 'rate_limited', 'beyond a limit');
select is((tests.recurring('c')).last_outcome, 'created', 'the neighbour');
select is(tests.params_of_jobs(), '[{"c": 1}]', 'has its job');
select cmp_ok((tests.recurring('a')).next_run_at, '>', now(), 'all go on');
select cmp_ok((tests.recurring('b')).next_run_at, '>', now(), 'all go on');
select cmp_ok((tests.recurring('c')).next_run_at, '>', now(), 'all go on');

select * from finish();
rollback;
