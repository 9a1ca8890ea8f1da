begin;
select plan(12);

create function pg_temp.make_child(p_name text, p_after jsonb) returns text
language sql
as $$
  select public.enqueue_plan_job(
    tests.id('user a'), 'pgtap', '{}', p_trace_id => p_name, p_after => p_after
  ) ->> 'outcome'
$$;

select tests.make_job('parent');
select pg_temp.make_child(
  'child',
  jsonb_build_object('a', (tests.job('parent')).id, 'b', upper((tests.job('parent')).id::text))
);
select tests.claim('claim 1', 9);
select is(tests.claim_names('claim 2', 9), '{}', 'it waits for the parent');
select tests.complete('parent', 'claim 1', '{"n": 1}');
select is(tests.claim_names('claim 3', 9), array['child'], 'once');
select is(
  (
    select jsonb_object_agg(parent ->> 'ref', parent -> 'result')
    from json_array_elements(
      public.get_plan_job_parents((tests.job('child')).id, tests.id('claim 3')) -> 'parents'
    ) as parent
  ),
  '{"a": {"n": 1}, "b": {"n": 1}}',
  'and reads its result by both names'
);
select is(
  json_array_length(public.get_plan_job_origins((tests.job('child')).id, tests.id('claim 3'))),
  1,
  'its span is linked to one'
);

select tests.make_job('lost');
select pg_temp.make_child(
  'orphan', jsonb_build_object('a', (tests.job('lost')).id, 'b', (tests.job('lost')).id)
);
select tests.claim('claim 4', 9);
select tests.fail('lost', 'claim 4', p_retryable => false);
select tests.claim('claim 5', 9);
select is((tests.job('orphan')).error ->> 'code', 'parent_failed', 'it ends with its parent');
select public.retry_plan_job((tests.job('lost')).id, tests.id('user a'));
select is(tests.claim_names('claim 6', 9), array['lost'], 'waits for it again');
select tests.complete('lost', 'claim 6');
select is(tests.claim_names('claim 7', 9), array['orphan'], 'and runs');

select tests.make_job('known');
select is(
  pg_temp.make_child(
    'many',
    (
      select jsonb_object_agg(number, (tests.job('known')).id)
      from generate_series(1, 1000) as number
    )
  ),
  'created'
);
select pg_temp.make_child('one more', jsonb_build_array((tests.job('known')).id));
select tests.claim('claim 8', 9);
select tests.complete('known', 'claim 8');
select is(
  (select array_agg(name order by name) from unnest(tests.claim_names('claim 9', 9)) as name),
  array['many', 'one more'],
  'however many names it has'
);
select is((select count(*) from supajobs.edges where outcome is null), 0::bigint);
select is(
  (select count(*) from supajobs.edges where job_id = (tests.job('many')).id), 1000::bigint
);
select throws_ok(
  $$
    select pg_temp.make_child(
      'too many',
      (
        select jsonb_object_agg(number, (tests.job('known')).id)
        from generate_series(1, 1001) as number
      )
    )
  $$,
  'PT422',
  'A job waits for 1000 others at most, by as many names.'
);

select * from finish();
rollback;
