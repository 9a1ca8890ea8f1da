begin;
select plan(4);

select tests.empty_queue();
select tests.make_recurring('a', p_more => '{"params": {"breaks": true}}');
select tests.make_recurring('b');
create function tests.break_down() returns trigger language plpgsql as $$
begin
  raise sqlstate '55P03';
end
$$;
create trigger break_down before insert on public.plan_generation_jobs
for each row when (new.params ? 'breaks') execute function tests.break_down();

create temporary table answer as select public.run_plan_job_schedules(
  jsonb_build_array(tests.run_of('a'), tests.run_of('b'))
)::jsonb as told;
select bag_eq(
  $$select jsonb_path_query_array(told, '$[*].outcome') ->> 0 from answer
    union all select jsonb_path_query_array(told, '$[*].outcome') ->> 1 from answer$$,
  array['busy', 'created'],
  'to be taken again'
);
select cmp_ok((tests.recurring('a')).next_run_at, '<', now(), 'it is still due');
select is((tests.recurring('a')).last_outcome, null, 'nothing has come of it');
select is((tests.recurring('b')).last_outcome, 'created', 'its neighbour is none the worse');

select * from finish();
rollback;
