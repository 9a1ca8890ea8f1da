begin;
select plan(1);

select tests.make_attempt(1) from generate_series(1, 3);
select tests.make_attempt(1, 'failed');
select tests.make_attempt(1, outcome)
from unnest(array['cancelled', 'retrying', 'released', 'crashed']) as outcome;

select is(tests.figures() -> 'success_rate', '0.75', 'what goes on is neither');

select * from finish();
rollback;
