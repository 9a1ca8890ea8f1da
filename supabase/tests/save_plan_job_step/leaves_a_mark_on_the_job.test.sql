begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select is((tests.job('job')).has_steps, false, 'a new job has none');

select tests.save_step('job', 'claim 1');

select is((tests.job('job')).has_steps, true, 'its end will look for them');

select * from finish();
rollback;
