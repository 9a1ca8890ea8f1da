begin;
select plan(2);

select tests.make_user('user a');
insert into public.plan_job_types (job_type) values ('pgtap');
create temporary table answered as
select
  answered.place,
  answered.answer
from json_array_elements(
  public.enqueue_plan_jobs(
    jsonb_build_array(
      jsonb_build_object('user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'job 1'),
      jsonb_build_object('user_id', tests.id('user a'), 'job_type', 'unheard of'),
      jsonb_build_object('user_id', tests.id('nobody'), 'job_type', 'pgtap'),
      jsonb_build_object('user_id', 'odd', 'job_type', 'pgtap'),
      jsonb_build_object(
        'user_id', tests.id('user a'), 'job_type', 'pgtap', 'trace_id', 'job 2',
        'params', '{"n": 2}'::jsonb, 'priority', 9, 'ttl_hours', 1
      )
    )
  )
) with ordinality as answered (answer, place);
select is(
  (
    select array_agg(array[answer ->> 'outcome', answer ->> 'code'] order by place)
    from answered
  ),
  array[
    array['created', null],
    array['refused', 'unknown_job_type'],
    array['refused', '23503'],
    array['refused', '22P02'],
    array['created', null]
  ]
);
select is(tests.claim_names('claim 1', 9), array['job 2', 'job 1'], 'the others are there');

select * from finish();
rollback;
