begin;
select plan(11);

select tests.empty_queue();
select tests.make_job('the parent');
select tests.make_child('the child', '{the parent}');
select tests.claim('the first');
select tests.save_step('the parent', 'the first', 'text', '"Once upon a time"');
select tests.fail(
  'the parent', 'the first', '{"code": "broken", "message": "It broke."}', false,
  p_usage => '{"model": "a model", "input_tokens": 7, "output_tokens": 5, "cost_usd": 0.25}'
);
create temporary table told as
select public.describe_plan_job((tests.job('the parent')).id)::jsonb as record;

select is(record #>> '{job, status}', 'failed', 'the job') from told;
select ok(not record -> 'job' ?| '{params, result}', 'without what may be private') from told;
select is(record #>> '{attempts, 0, outcome}', 'failed', 'how its attempt ended') from told;
select is(record #>> '{attempts, 0, error, code}', 'broken', 'and by what') from told;
select is(record #>> '{steps, 0, name}', 'text', 'its steps') from told;
select ok(not record #> '{steps, 0}' ? 'output', 'without their outputs') from told;
select is(jsonb_array_length(record #> '{flow, edges}'), 1, 'what it belongs together with')
from told;
select is(record #> '{costs, input_tokens}', '7', 'what it consumed') from told;
select is(record #> '{costs, cost_usd}', '0.25', 'and cost') from told;

select tests.make_job('alone', 'user b');
select is(
  public.describe_plan_job((tests.job('alone')).id)::jsonb #- '{job}' #- '{position}',
  '{
    "attempts": [], "steps": [], "flow": null, "notifications": [],
    "costs": {"input_tokens": 0, "output_tokens": 0, "cost_usd": null}
  }',
  'nothing of one that has not begun'
);
select is(public.describe_plan_job(tests.id('another'))::jsonb, null, 'null of none');

select * from finish();
rollback;
