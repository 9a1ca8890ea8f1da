begin;
select plan(9);

select tests.make_job('plain');
select tests.debounce('newest');
select tests.refuses(
  'debounce_without_dedupe',
  $$select public.enqueue_plan_job(tests.id('user a'), 'pgtap', '{}', p_debounce_seconds => 1)$$
);
select tests.refuses(
  'debounce_out_of_range', $$select tests.debounce('newer', p_seconds => -1)$$
);
select tests.refuses(
  'debounce_out_of_range', $$select tests.debounce('newer', p_seconds => 604801)$$
);
select tests.refuses(
  'debounce_out_of_range', $$select tests.debounce('newer', p_seconds => 'nan')$$
);
select tests.refuses(
  'debounce_out_of_range', $$select tests.debounce('newer', p_seconds => 60, p_max_seconds => 59)$$
);
select tests.refuses(
  'debounce_out_of_range',
  $$select tests.debounce('newer', p_seconds => null, p_max_seconds => 59)$$
);
select tests.refuses(
  'debounce_with_another_start',
  $$
    select public.enqueue_plan_job(
      tests.id('user a'), 'newest', '{}', p_run_at => now(), p_debounce_seconds => 1
    )
  $$
);
select tests.refuses(
  'params_not_an_object', $$select tests.debounce('newer', '[]')$$
);
select tests.refuses(
  'provider_key_not_allowed',
  $$
    select public.enqueue_plan_job(
      tests.id('user a'), 'newest', '{}', p_provider_key => 'key', p_debounce_seconds => 1
    )
  $$
);

select * from finish();
rollback;
