begin;
select plan(3);

select tests.make_user('user a');
insert into public.plan_job_types (job_type, dedupe_by) values ('newest', 'user'), ('pgtap', null);
create temporary table answered as
select
  answer ->> 'outcome' as outcome,
  answer ->> 'replaced' as replaced,
  answer ->> 'code' as code
from json_array_elements(public.enqueue_plan_jobs(
  (
    select
      jsonb_agg(
        jsonb_build_object('user_id', tests.id('user a'), 'params', jsonb_build_object('n', n))
        || entry
      )
    from (
      values
      (1, '{"job_type": "newest", "debounce_seconds": 60}'::jsonb),
      (2, '{"job_type": "newest", "debounce_seconds": 60, "debounce_max_seconds": 90}'),
      (3, '{"job_type": "pgtap", "debounce_seconds": 60}'),
      (4, '{"job_type": "pgtap", "debounce_max_seconds": 60}'),
      (5, '{"job_type": "newest", "debounce_seconds": "soon"}')
    ) as asked (n, entry)
  )
)) as answer;
select results_eq(
  'select outcome, replaced, code from answered',
  $$
    values
    ('created', null, null), ('existing', 'true', null),
    ('refused', null, 'debounce_without_dedupe'), ('refused', null, 'debounce_out_of_range'),
    ('refused', null, '22P02')
  $$,
  'each has its outcome'
);
select is(
  (select params from public.plan_generation_jobs where job_type = 'newest'), '{"n": 2}',
  'the newest that can be has won'
);
select is_empty(
  $$select from public.plan_generation_jobs where job_type = 'pgtap'$$, 'the refused are not there'
);

select * from finish();
rollback;
