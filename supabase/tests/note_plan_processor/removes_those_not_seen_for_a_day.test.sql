begin;
select plan(1);

select tests.forget_processors();
select tests.make_processor('long gone', interval '25 hours');
select tests.make_processor('gone', interval '23 hours');

select public.note_plan_processor('here', '1.2.3', 10, 0);

select results_eq(
  'select worker_id from supajobs.processors order by 1',
  array['gone', 'here'],
  'so that the table stays small'
);

select * from finish();
rollback;
