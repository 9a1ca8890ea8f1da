begin;
select plan(2);

select tests.empty_queue();
select tests.make_job('dead');
select tests.make_job('alive');
select tests.claim('claim 1', 2);
create temp table before as select * from tests.job('alive');
select tests.expire_lease('dead');

select is(supajobs.sweep(), 1, 'only the dead one is swept');
select results_eq(
  $$select * from tests.job('alive')$$, 'select * from before', 'the other is as it was'
);

select * from finish();
rollback;
