begin;
select plan(7);

select tests.make_attempt(1, outcome)
from
  unnest(array['completed', 'failed', 'cancelled', 'retrying', 'released', 'suspended', 'crashed'])
  with ordinality as each (outcome, times),
  generate_series(1, times);
update public.plan_generation_jobs set completed_at = now() - interval '61 minutes'
where job_type = 'pgtap' and status = 'completed';
select tests.make_attempt(1);
select tests.make_attempt(1, 'failed', 'pgtap 2');

select is(tests.figures() -> outcome, to_jsonb(times), outcome)
from
  unnest(array['completed', 'failed', 'cancelled', 'retrying', 'released', 'suspended', 'crashed'])
  with ordinality as each (outcome, times);

select * from finish();
rollback;
