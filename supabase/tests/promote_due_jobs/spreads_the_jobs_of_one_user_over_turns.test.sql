begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('a' || number, 'user a') from generate_series(1, 5) as number;
select tests.make_job('b' || number, 'user b') from generate_series(1, 2) as number;
select tests.claim('claim 1', 7);
select tests.fail(name, 'claim 1', p_retry_after => 0)
from unnest(array['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2']) as name;
select tests.make_job('c', 'user c');

select is(supajobs.promote_due_jobs(), 7, 'all have come due');
select is(
  tests.claim_names('claim 2', 5),
  array['a1', 'b1', 'c', 'a2', 'b2'],
  'retries do not jump the queue in a crowd'
);
select is(
  tests.claim_names('claim 3', 5), array['a3', 'a4', 'a5'], 'their order is that of their run_at'
);

select * from finish();
rollback;
