begin;
select plan(3);

select tests.make_job('job');

select is(jsonb_array_length(tests.claim('claim 1')), 1, 'the first claim takes the job');
select is(tests.claim('claim 2'), '[]', 'the second finds nothing');
select is((tests.job('job')).claim_id, tests.id('claim 1'), 'the job stays with the first');

select * from finish();
rollback;
