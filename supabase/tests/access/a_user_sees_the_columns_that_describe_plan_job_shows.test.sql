begin;
select plan(1);

select tests.make_job('job');

select bag_eq(
  $$
    select attname::text from pg_attribute
    where
      attrelid = 'public.plan_generation_jobs'::regclass
      and attnum > 0
      and not attisdropped
      and has_column_privilege('authenticated', attrelid, attnum, 'select')
  $$,
  $$select json_object_keys(supajobs.describe_job(tests.job('job')))$$,
  'the API and supabase-js show the same job'
);

select * from finish();
rollback;
