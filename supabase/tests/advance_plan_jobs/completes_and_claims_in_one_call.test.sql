begin;
select plan(4);

select tests.make_job('job ' || number) from generate_series(1, 4) as number;
select tests.claim('claim 1', 2);
create temp table answer as
select tests.advance(
  jsonb_build_array(tests.entry('job 1', 'claim 1'), tests.entry('job 2', 'claim 1')), 'claim 2', 2
) as told;

select is(
  (select tests.outcomes((told -> 'settled')::json) from answer),
  '{"job 1": "completed", "job 2": "completed"}',
  'those that have ended are settled'
);
select is(
  (select tests.claimed_names(told -> 'claimed') from answer),
  array['job 3', 'job 4'],
  'others take their places'
);
select is((tests.job('job 3')).claim_id, tests.id('claim 2'), 'they have the claim that was named');
select is(
  (
    select
      tests.advance(
        jsonb_build_array(tests.entry('job 1', 'claim 1'), tests.entry('job 2', 'claim 1')),
        'claim 2',
        2
      )
      = answer.told
    from answer
  ),
  true,
  'a repeated call is answered the same, and takes nothing more'
);

select * from finish();
rollback;
