begin;
select plan(3);

select tests.empty_outbox();
select tests.make_notification('job');
select tests.address();

-- Tries once more, after so many attempts; answers the wait in seconds.
create function pg_temp.wait_after(p_attempts integer) returns numeric
language sql
as $$
  select tests.make_due('job');
  update supajobs.deliveries set attempts = p_attempts - 1;
  select tests.claim_deliveries('claim ' || p_attempts);
  select tests.settle_delivery('job', 'claim ' || p_attempts, 'retry');
  select extract(epoch from (tests.delivery('job')).run_at - clock_timestamp())
$$;

select is(pg_temp.wait_after(1) between 2.4 and 5, true, 'up to 5 s');
select is(pg_temp.wait_after(2) between 7.4 and 15, true, 'then 15');
select is(pg_temp.wait_after(14) between 7199 and 14400, true, 'and 4 hours at most');

select * from finish();
rollback;
