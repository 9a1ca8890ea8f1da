begin;
select plan(2);

select tests.make_store();
select is(public.check_plan_stores()::jsonb, '[]', 'nothing where all is well');

drop function app.store_story;
select is(
  public.check_plan_stores()::jsonb,
  '[{
    "job_type": "pgtap",
    "stored_by": "app.store_story",
    "problem": "There is no function app.store_story(jsonb, jsonb).",
    "hint": "Create it, or name it with its schema: (p_job jsonb, p_store jsonb) returns jsonb."
  }]',
  'what was dropped'
);

select * from finish();
rollback;
