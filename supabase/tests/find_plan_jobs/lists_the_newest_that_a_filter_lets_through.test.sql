begin;
select plan(12);

select tests.empty_queue();
-- The names of the jobs that are found, in their order.
create function pg_temp.find(p_filter jsonb default '{}', p_max_jobs integer default 50)
returns text[]
language sql
as $$
  select array(
    select job ->> 'trace_id'
    from jsonb_array_elements(
      public.find_plan_jobs(p_filter, p_max_jobs => p_max_jobs)::jsonb -> 'jobs'
    ) as job
  )
$$;

select is(
  public.find_plan_jobs()::jsonb, '{"jobs": [], "next": null, "looked_until": null}', 'none'
);

select tests.make_job('a story', 'user a', 'story');
select tests.make_job('a poem', 'user b', 'poem');
select tests.make_job('of the system', null, 'story');
select tests.claim('the first', 1, 'poem');
select tests.fail('a poem', 'the first', '{"code": "broken", "message": "It broke."}', false);

select is(pg_temp.find(), '{of the system, a poem, a story}', 'all, the newest first');
select is(pg_temp.find(p_max_jobs => 2), '{of the system, a poem}', 'as many as may be');
select is(pg_temp.find('{"job_type": "story"}'), '{of the system, a story}', 'of a type');
select is(pg_temp.find('{"status": ["failed"]}'), '{a poem}', 'that have failed');
select is(
  pg_temp.find('{"status": ["pending", "processing"]}'), '{of the system, a story}', 'active'
);
select is(pg_temp.find('{"status": ["failed", "pending"]}'), pg_temp.find(), 'of two states');
select is(pg_temp.find('{"error": "broken"}'), '{a poem}', 'with an error');
select is(
  pg_temp.find(jsonb_build_object('user_id', tests.id('user a'))), '{a story}', 'of a user'
);
select is(pg_temp.find('{"user_id": null}'), '{of the system}', 'of the system');
select is(
  pg_temp.find(jsonb_build_object('since', now() + interval '1 hour')), '{}', 'since a time'
);
select ok(
  not public.find_plan_jobs()::jsonb #> '{jobs, 0}' ?| '{params, result}',
  'without what may be private'
);

select * from finish();
rollback;
