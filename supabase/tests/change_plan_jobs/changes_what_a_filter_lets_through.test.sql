begin;
select plan(17);

select tests.make_user('user b');
select tests.make_job(format('failed %s', n)) from generate_series(1, 3) as n;
select tests.make_job('of b', 'user b');
select tests.make_job('of nobody', null);
select tests.claim('claim 1', 9);
select tests.fail(name, 'claim 1', '{"code": "busy", "message": ""}', false)
from unnest(array['failed 1', 'failed 2', 'of b', 'of nobody']) as name;
select tests.fail('failed 3', 'claim 1', '{"code": "other", "message": ""}', false);
select tests.make_job('pending');
create function tests.count_jobs(p_filter jsonb) returns integer
language sql
set search_path = ''
as $$
  select (public.count_plan_jobs('{"job_type": "pgtap"}' || p_filter) ->> 'jobs')::integer
$$;

select is(tests.count_jobs('{}'), 6, 'without more it lets all of a type through');
select is(tests.count_jobs('{"status": ["failed"]}'), 5, 'those that have failed');
select is(tests.count_jobs('{"status": ["failed", "pending"]}'), 6, 'or wait, too');
select is(tests.count_jobs('{"status": []}'), 6, 'those of any status, where none is named');
select is(tests.count_jobs('{"status": null}'), 6, 'nor given');
select is(tests.count_jobs('{"error": "busy"}'), 4, 'those of an error');
select is(
  tests.count_jobs(jsonb_build_object('user_id', tests.id('user b'))), 1, 'those of a user'
);
select is(tests.count_jobs('{"user_id": null}'), 1, 'or of the system');
select is(
  tests.count_jobs(jsonb_build_object('since', now() + interval '1 s')), 0, 'those since a time'
);
select is(
  tests.count_jobs(jsonb_build_object('project_id', tests.id('project'))), 0, 'or of a project'
);

select is(
  public.change_plan_jobs(
    'retry', '{"job_type": "pgtap", "status": ["failed"], "error": "busy"}'
  )::jsonb - 'last_id',
  '{"outcomes": {"retried": 4}, "is_done": true}',
  'they are retried'
);
select is((tests.job('failed 3')).status, 'failed', 'and no others');
select is(
  public.change_plan_jobs(
    'prioritise', '{"job_type": "pgtap", "status": ["pending"]}', 8
  )::jsonb - 'last_id',
  '{"outcomes": {"prioritised": 5}, "is_done": true}',
  'or have another priority'
);
select
  is(
    public.change_plan_jobs('prioritise', filter || '{"job_type": "pgtap"}', 7)::jsonb - 'last_id',
    '{"outcomes": {"prioritised": 5, "finished": 1}, "is_done": true}',
    'of any status, where none is named: ' || filter::text
  )
from jsonb_array_elements('[{"status": []}, {"status": null}]') as filter;
select tests.claim('claim 2', 1);
select is(
  public.change_plan_jobs('cancel', '{"job_type": "pgtap"}')::jsonb - 'last_id',
  '{"outcomes": {"requested": 1, "cancelled": 4, "finished": 1}, "is_done": true}',
  'or are cancelled, each as it is possible'
);
select throws_ok(
  $$select public.change_plan_jobs('erase', '{}')$$,
  'PT422', 'Jobs can be retried, cancelled or prioritised.', 'nothing else is done to them'
);

select * from finish();
rollback;
