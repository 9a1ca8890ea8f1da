begin;
select plan(2);

-- A claim that was repeated so late that the job had been swept takes it again.
select tests.empty_queue();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select tests.sweep();
select tests.claim('claim 1');
select tests.expire_lease('job');

select lives_ok('select tests.sweep()', 'one job does not stop all claims');
select is((tests.job('job')).crash_count, 2::smallint, 'both crashes are counted');

select * from finish();
rollback;
