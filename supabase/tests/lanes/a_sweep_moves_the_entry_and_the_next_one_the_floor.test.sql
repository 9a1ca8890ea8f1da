begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 5) as number;
select tests.make_job('high ' || number, p_priority => 9) from generate_series(1, 5) as number;
select tests.put_off_sweep();
select tests.claim('claim 1', 8);

select tests.sweep();
select results_eq(
  $$
    select priority, floor, entry from supajobs.lanes
    where job_type = 'pgtap' order by priority
  $$,
  $$values (5::smallint, 0::bigint, (tests.job('job 4')).turn), (9::smallint, 0, 0)$$,
  'the entry first, and of a lane that nobody waits in neither'
);

select tests.sweep();
select results_eq(
  $$
    select priority, floor, entry from supajobs.lanes
    where job_type = 'pgtap' order by priority
  $$,
  $$
    values
    (5::smallint, (tests.job('job 4')).turn, (tests.job('job 4')).turn), (9::smallint, 0, 0)
  $$,
  'then the floor'
);

select * from finish();
rollback;
