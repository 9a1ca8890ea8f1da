begin;
select plan(5);

insert into public.plan_job_types (job_type, dedupe_by) values ('newest', 'user');
select tests.make_job('first', p_job_type => 'newest');
select tests.claim('claim 1', 1, 'newest');
select throws_ok(
  format(
    'select public.enqueue_plan_job_step(%L, %L, ''next'', ''{"job_type": "newest"}'')',
    (tests.job('first')).id,
    tests.id('claim 1')
  ),
  'PT422',
  'A job that runs cannot stand for one of its dedupe key that it asks for.'
);
select is(tests.found('first', 'claim 1') -> 'steps', '{}', 'no step is kept');
select is((tests.job('first')).status, 'processing', 'it runs on');

select is(
  public.enqueue_plan_job_step(
    (tests.job('first')).id, tests.id('claim 1'), 'next',
    '{"job_type": "newest", "trace_id": "next", "debounce_seconds": 0}'
  ) ->> 'outcome',
  'created',
  'the next one it may ask for'
);
select is(
  (
    public.enqueue_plan_job_step(
      (tests.job('first')).id, tests.id('claim 1'), 'again', '{"job_type": "newest"}'
    ) ->> 'job_id'
  )::uuid,
  (tests.job('next')).id,
  'which stands for further ones'
);

select * from finish();
rollback;
