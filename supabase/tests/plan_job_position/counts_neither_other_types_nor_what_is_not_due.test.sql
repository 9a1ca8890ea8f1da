begin;
select plan(1);

select tests.make_job('of another type', p_job_type => 'pgtap 2', p_priority => 9);
select tests.make_job('later', p_priority => 9, p_run_at => now() + interval '1 hour');
select tests.make_job('job');

select is(tests.position('job') -> 'position_in_queue', '1', 'nothing is in its way');

select * from finish();
rollback;
