begin;
select plan(4);

select tests.make_store();
select tests.make_job('job');
select tests.claim('claim 1');
select tests.expire_lease('job');
select supajobs.sweep();

select is(
  tests.complete('job', 'claim 1', p_store => '{"title": "Fox"}'),
  'completed',
  'while nobody else has claimed the job'
);
select is(
  tests.complete('job', 'claim 1', p_store => '{"title": "Owl"}'), 'completed', 'and says so again'
);
select is((select array_agg(title) from app.stories), array['Fox'], 'there is one row');
select is((tests.attempt('job', 'claim 1')).outcome, 'completed', 'it did not crash after all');

select * from finish();
rollback;
