begin;
select plan(3);

select tests.empty_queue();
select tests.make_job_with_key('job', 'ciphertext');

select tests.claim('claim 1');
select tests.fail('job', 'claim 1', p_retry_after => 0);
select is(tests.key('job'), 'ciphertext', 'it waits for its retry');

select tests.claim('claim 2');
select tests.release('job', 'claim 2');
select is(tests.key('job'), 'ciphertext', 'it was given back');

select tests.claim('claim 3');
select tests.expire_lease('job');
select tests.sweep();
select is(tests.key('job'), 'ciphertext', 'its worker was lost');

select * from finish();
rollback;
