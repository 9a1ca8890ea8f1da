begin;
select plan(2);

select tests.make_job('job');
select tests.make_store('delete from app.stories where title = ''twice''; return null;');

select lives_ok(
  $$select supajobs.store_outcome(tests.job('job'), null, null, '{"title": "Fox"}')$$,
  'what is well in the end may be wrong before'
);

select tests.make_store();
select throws_ok(
  $$select supajobs.store_outcome(tests.job('job'), null, null, '{"title": "Fox"}')$$,
  '23505',
  null,
  'what is wrong in the end fails here, and not all that the call has brought'
);

select * from finish();
rollback;
