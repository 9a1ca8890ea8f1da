begin;
select plan(2);

select tests.empty_outbox();
select tests.make_notification(job) from unnest(array['good', 'bad']) as job;
select tests.address();
select tests.claim_deliveries('claim');
select bag_eq(
  $$
    select (answer ->> 'id')::uuid, answer ->> 'outcome'
    from json_array_elements(
      public.settle_plan_job_deliveries(
        tests.id('claim'),
        jsonb_build_array(
          jsonb_build_object('id', (tests.delivery('good')).id, 'outcome', 'delivered'),
          jsonb_build_object('id', (tests.delivery('bad')).id, 'outcome', 'retry'),
          jsonb_build_object('id', tests.id('unheard of'), 'outcome', 'retry')
        )
      )
    ) as answer
  $$,
  $$
    values
    ((tests.delivery('good')).id, 'delivered'),
    ((tests.delivery('bad')).id, 'retrying'),
    (tests.id('unheard of'), 'stale')
  $$,
  'in one call'
);
select is(public.settle_plan_job_deliveries(tests.id('claim'), '[]')::text, '[]', 'or none');

select * from finish();
rollback;
