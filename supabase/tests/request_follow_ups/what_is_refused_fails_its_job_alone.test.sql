begin;
select plan(9);

select tests.make_store();
select tests.make_job('first');
select tests.make_job('wrong');
select tests.make_job('limited');
select tests.make_job('plain');
insert into public.plan_job_types (job_type, max_enqueues, enqueue_window_seconds)
values ('pgtap few', 1, 600);
select tests.make_job('few', p_job_type => 'pgtap few');
select tests.claim('claim 1', 4);
create temp table call as
select
  jsonb_build_array(
    tests.entry(
      'first', 'claim 1', '{"then": [{"job_type": "pgtap", "trace_id": "child of the first"}]}'
    ),
    tests.entry(
      'wrong',
      'claim 1',
      '{"store": {"title": "Fox"}, "then": [{"job_type": "pgtap", "trace_id": "child of the wrong"},
        {"job_type": "no such type"}], "usage": {"model": "m", "cost_usd": 2}}'
    ),
    tests.entry('limited', 'claim 1', '{"then": [{"job_type": "pgtap few"}]}'),
    tests.entry('plain', 'claim 1')
  ) as jobs;

select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"first": "completed", "wrong": "failed", "limited": "retrying", "plain": "completed"}',
  'its neighbours are completed'
);
select is(
  (tests.job('wrong')).error,
  '{"code": "follow_up_refused",
    "message": "A job that was to follow could not be requested."}',
  'its user is told so'
);
select is(
  (tests.attempt('wrong', 'claim 1')).cause,
  jsonb_build_object(
    'exception', 'unknown_job_type',
    'message',
    'no such type: There is no job type "no such type". Add a row for it to plan_job_types.',
    'frames', '[]'::jsonb
  ),
  'operators read what was wrong'
);
select is((tests.cost()).cost_usd, 2::numeric, 'what it cost is not forgotten');
select is(tests.job('child of the wrong'), null, 'of its others none is requested');
select is_empty('select from app.stories', 'and nothing is stored');
select ok(
  (tests.job('limited')).run_at between now() + interval '500 s' and now() + interval '601 s',
  'who is to wait for a rate limit is tried again when it has passed'
);
select ok((tests.job('child of the first')).id is not null, 'what follows the others is there');
select is(
  (select tests.outcomes(public.complete_plan_jobs(jobs)) from call),
  '{"first": "completed", "wrong": "failed", "limited": "retrying", "plain": "completed"}',
  'a repeated call is told the same'
);

select * from finish();
rollback;
