begin;
select plan(8);

select tests.make_job('job');

select tests.refuses('signal_name_out_of_range', $$select tests.signal('job', p_name => '')$$);
select tests.refuses('signal_name_out_of_range', $$select tests.signal('job', p_name => null)$$);
select tests.refuses(
  'signal_name_out_of_range', $$select tests.signal('job', p_name => repeat('x', 256))$$
);
select tests.refuses(
  'signal_too_large', $$select tests.signal('job', to_jsonb(repeat('x', 16385)))$$
);
select is(
  tests.signal('job', to_jsonb(repeat('x', 16382)), repeat('x', 255)), 'stored', 'the most of all'
);
select tests.signal('job', p_name => 'signal ' || number) from generate_series(2, 100) as number;
select tests.refuses('too_many_signals', $$select tests.signal('job', p_name => 'one more')$$);
select is(tests.signal('job', p_name => 'signal 2'), 'existing', 'those that it has, it has');

select tests.claim('claim 1');
select tests.suspend('job', 'claim 1', p_name => 'one more');
select is(tests.signal('job', p_name => 'one more'), 'stored', 'what it waits for has room');

select * from finish();
rollback;
