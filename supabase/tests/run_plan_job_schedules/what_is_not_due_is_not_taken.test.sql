begin;
select plan(4);

select tests.empty_queue();
select tests.make_recurring('later', p_more => '{"next_run_at": "2100-01-01Z"}');
select is(tests.take('later'), 'stale', 'by this clock');
select tests.make_recurring('now', p_more => '{"overlap": "queue"}');
create temporary table run as select tests.run_of('now') as one;
select
  is(
    public.run_plan_job_schedules(
      jsonb_build_array(
        jsonb_set(one, '{occurrences}', one -> 'occurrences' || '["2100-01-01Z"]')
      )
    ) -> 0 ->> 'outcome',
    'created',
    'of its occurrences'
  )
from run;
select is(tests.params_of_jobs(), '[{}]', 'those that are due');
select
  is(
    public.run_plan_job_schedules(
      jsonb_build_array(jsonb_set(one, '{schedule_id}', to_jsonb(tests.id('nothing'))))
    ) -> 0 ->> 'outcome',
    'stale',
    'nor what is gone'
  )
from run;

select * from finish();
rollback;
