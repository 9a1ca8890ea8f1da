begin;
select plan(2);

select tests.make_store(
  'update public.plan_generation_jobs set claim_id = gen_random_uuid() '
  'where id = (p_job ->> ''id'')::uuid; return null;'
);
select tests.make_job('job');
select tests.claim('claim 1');

select throws_ok(
  $$select tests.complete('job', 'claim 1', p_store => '{"title": "Fox"}')$$,
  'PT409',
  'A function that was to store what a job came to has changed that job.'
);
select is_empty('select from app.stories', 'nothing is stored of a job that is not completed');

select * from finish();
rollback;
