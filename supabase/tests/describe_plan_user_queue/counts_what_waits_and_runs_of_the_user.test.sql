begin;
select plan(2);

-- Without what other tests have opened to users.
create function pg_temp.tell(p_user text, p_job_types text[]) returns jsonb
language sql
as $$
  select jsonb_path_query_array(
    public.describe_plan_user_queue(tests.id(p_user), p_job_types)::jsonb,
    '$[*] ? (@.job_type starts with "pgtap")'
  )
$$;

select tests.make_job('runs');
select tests.claim('claim 1');
select tests.make_job('waits');
select tests.make_job('later', p_run_at => now() + interval '1 hour');
select tests.make_job('of another type', p_job_type => 'pgtap other');
select tests.make_job('of somebody else', p_user => 'user b');
select tests.make_job('has ended');
select public.cancel_plan_job((tests.job('has ended')).id, tests.id('user a'));

select is(
  pg_temp.tell('user a', '{}'),
  '[
    {"job_type": "pgtap", "pending": 2, "processing": 1, "retry_after": null},
    {"job_type": "pgtap other", "pending": 1, "processing": 0, "retry_after": null}
  ]'::jsonb,
  'by type'
);
select tests.make_user('user c');
select is(
  pg_temp.tell('user c', '{pgtap, none}'),
  '[{"job_type": "pgtap", "pending": 0, "processing": 0, "retry_after": null}]'::jsonb,
  'who has none is told of the types that are named'
);

select * from finish();
rollback;
