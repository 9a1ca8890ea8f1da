begin;
select plan(2);

select tests.make_job('later', p_run_at => now() + interval '1 hour');

select is((tests.job('later')).turn, null, 'it has no turn');
select is_empty(
  $$select * from supajobs.lanes where job_type = 'pgtap'$$, 'nor is there a lane'
);

select * from finish();
rollback;
