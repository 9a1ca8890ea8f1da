begin;
select plan(8);

select tests.make_job(format('job %s', n)) from generate_series(1, 3) as n;
create function tests.prioritise(p_job text, p_priority integer) returns text
language sql
set search_path = ''
as $$
  select public.set_plan_job_priority((tests.job(p_job)).id, p_priority) ->> 'outcome'
$$;
select is(tests.prioritise('job 3', 8), 'prioritised', 'it is moved');
select is((tests.job('job 3')).priority, 8::smallint, 'it has the priority');
select is(tests.claim_names('claim 1'), array['job 3'], 'the next claim has it first');
select tests.prioritise('job 1', 2);
select is(tests.claim_names('claim 2', 1), array['job 2'], 'or last');

select tests.make_job('scheduled', p_run_at => now() + interval '1 hour');
select tests.prioritise('scheduled', 8);
select is(
  array[(tests.job('scheduled')).turn is null, (tests.job('scheduled')).run_at > now()],
  array[true, true],
  'one that waits for its time waits on'
);
select tests.complete('job 3', 'claim 1');
select is(tests.prioritise('job 3', 5), 'finished', 'what has ended is as urgent as it was');
select is(
  public.set_plan_job_priority(tests.id('nothing'), 5) ->> 'outcome', 'not_found', 'as is nothing'
);
select throws_ok(
  $$select tests.prioritise('job 2', 11)$$,
  'PT422', 'The priority lies between 0 and 10.', 'there is a highest one'
);

select * from finish();
rollback;
