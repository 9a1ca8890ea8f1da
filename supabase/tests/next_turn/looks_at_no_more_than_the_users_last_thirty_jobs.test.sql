begin;
select plan(2);

select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.make_job('urgent ' || number, p_priority => 9) from generate_series(1, 29) as number;
select tests.make_job('job 4');
select tests.make_job('urgent ' || number, p_priority => 9) from generate_series(30, 59) as number;
select tests.make_job('job 5');

select is((tests.job('job 4')).turn, 3::bigint, '29 other jobs between them do not matter');
select is((tests.job('job 5')).turn, 0::bigint, '30 do');

select * from finish();
rollback;
