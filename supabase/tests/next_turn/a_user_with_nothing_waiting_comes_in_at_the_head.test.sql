begin;
select plan(2);

select tests.make_job('a' || number, 'user a') from generate_series(1, 20) as number;
select tests.claim('claim 1', 10);

select tests.make_job('b1', 'user b');
select tests.make_job('b2', 'user b');

select is((tests.job('b1')).turn, (tests.job('a11')).turn, 'in the turn that is served next');
select is(
  tests.claim_names('claim 2', 4),
  array['a11', 'b1', 'a12', 'b2'],
  'the turns that user b was not there for are not made up for'
);

select * from finish();
rollback;
