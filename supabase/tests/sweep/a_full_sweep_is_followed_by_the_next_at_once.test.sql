begin;
select plan(3);

select tests.empty_queue();
select tests.make_job('job ' || number) from generate_series(1, 3) as number;
select tests.claim('claim 1', 3);
select tests.expire_lease('job ' || number) from generate_series(1, 3) as number;

select is(supajobs.sweep(2), 2, 'as many as one sweep takes');
select is(supajobs.sweep(2), 1, 'the rest in the same second');
select is(supajobs.sweep(2), 0, 'then it rests');

select * from finish();
rollback;
