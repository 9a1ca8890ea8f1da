begin;
select plan(4);

select tests.make_job('long');
select tests.make_job('strange');
select tests.claim('claim 1', 2);
select public.fail_plan_jobs(
  jsonb_build_array(
    tests.entry(
      'long', 'claim 1',
      jsonb_build_object(
        'cause', jsonb_build_object(
          'exception', 'ValueError', 'message', repeat('é', 5000),
          'frames', jsonb_build_array(repeat('x', 20000))
        )
      )
    ),
    tests.entry(
      'strange', 'claim 1', jsonb_build_object('cause', repeat('x', 20000))
    )
  )
);

select is((tests.attempt('long', 'claim 1')).cause ->> 'exception', 'ValueError', 'its name stays');
select is(
  (tests.attempt('long', 'claim 1')).cause ->> 'message',
  repeat('é', 2000),
  'and the start of its message'
);
select is((tests.attempt('long', 'claim 1')).cause -> 'frames', null, 'the frames are dropped');
select cmp_ok(
  octet_length((tests.attempt('strange', 'claim 1')).cause::text), '<', 100,
  'so is what is in other words'
);

select * from finish();
rollback;
