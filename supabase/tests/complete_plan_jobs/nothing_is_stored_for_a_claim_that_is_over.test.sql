begin;
select plan(4);

select tests.make_store();
select tests.make_job('of another');
select tests.make_job('unwanted');
select tests.claim('claim 1', 2);
select public.cancel_plan_job((tests.job('unwanted')).id, tests.id('user a'));
select tests.expire_lease('of another');
select supajobs.sweep();
select tests.claim('claim 2');

select is(
  tests.complete('of another', 'claim 1', p_store => '{"title": "Fox"}'),
  'stale',
  'its job has another'
);
select is(
  tests.complete('unwanted', 'claim 1', '{"n": 1}', p_store => '{"title": "Fox"}'),
  'cancelled',
  'or nobody wants it any more'
);
select is((tests.job('unwanted')).result, null, 'the result is dropped, too');
select is_empty('select from app.stories', 'there is no row');

select * from finish();
rollback;
