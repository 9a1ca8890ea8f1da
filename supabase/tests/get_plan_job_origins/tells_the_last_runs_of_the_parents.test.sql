begin;
select plan(5);

create function pg_temp.origins(p_job text, p_claim text) returns jsonb
language sql
as $$
  select public.get_plan_job_origins((tests.job(p_job)).id, tests.id(p_claim))::jsonb
$$;

select tests.make_job('parent 1');
select tests.make_job('parent 2');
select tests.make_child('child', array['parent 1', 'parent 2'], 'run');
select ok((tests.claim('claim 1') #> '{0, has_ties}')::boolean, 'a parent has ties');
select is(pg_temp.origins('parent 1', 'claim 1'), '[]', 'and comes after nothing');
select tests.complete('parent 1', 'claim 1');
select public.cancel_plan_job((tests.job('parent 2')).id, tests.id('user a'));
select is(pg_temp.origins('child', 'claim 2'), '[]', 'who does not run is told nothing');
select tests.claim('claim 2');
select is(
  pg_temp.origins('child', 'claim 2'),
  jsonb_build_array(
    jsonb_build_object(
      'job_id', (tests.job('parent 1')).id,
      'claim_id', tests.id('claim 1'),
      'trace_id', 'parent 1'
    )
  ),
  'a child is told of those that have run'
);
select is(pg_temp.origins('child', 'claim 1'), '[]', 'under its claim alone');

select * from finish();
rollback;
