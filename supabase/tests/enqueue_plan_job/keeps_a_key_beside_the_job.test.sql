begin;
select plan(4);

select tests.make_job_with_key('with', 'ciphertext');
select tests.make_job('without');

select is(tests.key('with'), 'ciphertext', 'the key is there');
select is((tests.job('with')).has_provider_key, true, 'the job knows that it brought one');
select is(to_jsonb(tests.job('with'))::text like '%ciphertext%', false, 'and nothing more');
select results_eq(
  $$select (tests.job('without')).has_provider_key, tests.key('without')$$,
  $$values (false, null::text)$$,
  'another has none'
);

select * from finish();
rollback;
