begin;
select plan(3);

select tests.make_job_with_key('job', 'ciphertext');
select tests.claim('claim 1');

select tests.complete('job', 'claim 1', p_usage => '{"input_tokens": 10, "cost_usd": 0.5}');

select is((tests.attempt('job', 'claim 1')).cost_usd, 0.5, 'the attempt says what it cost');
select is((tests.cost()).input_tokens, 10::bigint, 'its tokens are counted');
select is((tests.cost()).cost_usd, 0::numeric, 'its cost is not');

select * from finish();
rollback;
