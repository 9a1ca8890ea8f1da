begin;
select plan(2);

select tests.make_job('job');

select tests.claim('claim 1');
select tests.fail('job', 'claim 1', '{"code": "overloaded"}', p_retry_after => 0);
select is((tests.job('job')).error, '{"code": "overloaded"}', 'while the job waits');

select tests.claim('claim 2');
select tests.fail('job', 'claim 2', '{"code": "invalid"}', p_retryable => false);
select is((tests.job('job')).error, '{"code": "invalid"}', 'and when it has failed');

select * from finish();
rollback;
