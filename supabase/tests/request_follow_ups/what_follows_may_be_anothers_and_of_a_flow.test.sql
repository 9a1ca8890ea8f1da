begin;
select plan(6);

select tests.make_user('user b');
select tests.make_job('parent');
select tests.claim('claim 1');
select public.complete_plan_jobs(
  jsonb_build_array(
    tests.entry(
      'parent',
      'claim 1',
      jsonb_build_object(
        'result', '{"words": 2}'::jsonb,
        'then', jsonb_build_array(
          jsonb_build_object(
            'job_type', 'pgtap', 'trace_id', 'sound', 'ref', 'sound',
            'after', jsonb_build_object('text', (tests.job('parent')).id)
          ),
          '{"job_type": "pgtap", "trace_id": "book", "after": ["sound"]}'::jsonb,
          jsonb_build_object(
            'job_type', 'pgtap', 'trace_id', 'bill', 'user_id', tests.id('user b')
          ),
          '{"job_type": "pgtap", "trace_id": "note", "user_id": null}'::jsonb
        )
      )
    )
  )
);
select is((tests.job('bill')).user_id, tests.id('user b'), 'of another user');
select is((tests.job('note')).user_id, null, 'or of the system');
select ok((tests.job('sound')).is_held, 'or come after the job itself');
select set_eq(
  $$select unnest(tests.claim_names('claim 2', 9))$$,
  array['sound', 'bill', 'note'],
  'which is completed: the next claim lets it go'
);
select is(
  public.get_plan_job_parents((tests.job('sound')).id, tests.id('claim 2'))
  #> '{parents, 0, result}' #>> '{}',
  '{"words": 2}',
  'it reads the result'
);
select ok((tests.job('book')).is_held, 'and others come after that one, by its ref');

select * from finish();
rollback;
