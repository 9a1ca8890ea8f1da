begin;
select plan(2);

select tests.make_job('done');
select tests.make_job('broken');
select tests.claim('claim', 2);
select tests.complete('done', 'claim');
select tests.fail('broken', 'claim', p_retryable => false);

select is(tests.notifications('done'), '{}', 'when it completes');
select is(tests.notifications('broken'), '{}', 'when it fails');

select * from finish();
rollback;
