begin;
select plan(2);

select tests.make_job('job');
select tests.claim('claim 1');
select tests.save_step('job', 'claim 1', 'outline');
select tests.expire_lease('job');
select tests.claim('claim 2');
select tests.make_job('other');
select tests.claim('claim 3');
select tests.save_step('other', 'claim 3', 'outline');

select tests.complete('job', 'claim 2');

select is_empty(
  $$select 1 from supajobs.steps where job_id = (tests.job('job')).id$$,
  'although this attempt saved none'
);
select isnt_empty(
  $$select 1 from supajobs.steps where job_id = (tests.job('other')).id$$,
  'those of a job that runs stay'
);

select * from finish();
rollback;
