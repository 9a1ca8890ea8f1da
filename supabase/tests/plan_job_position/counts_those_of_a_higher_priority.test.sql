begin;
select plan(1);

select tests.make_job('normal');
select tests.make_job('high ' || number, p_priority => 9) from generate_series(1, 2) as number;
select tests.make_job('higher', p_priority => 10);
select tests.make_job('low', p_priority => 1);

select is(tests.position('normal') -> 'position_in_queue', '4', 'three are more urgent');

select * from finish();
rollback;
