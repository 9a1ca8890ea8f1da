begin;
select plan(1);

-- Supabase loads safeupdate for its API roles: it refuses a statement without one (21000), also
-- inside a function.
select is_empty(
  $$
    select pg_proc.oid::regprocedure, statement
    from
      pg_proc,
      regexp_split_to_table(regexp_replace(prosrc, '--[^\n]*', '', 'g'), ';') as statement
    where
      pronamespace in ('public'::regnamespace, 'supajobs'::regnamespace)
      and statement ~* '\m(update|delete from)\s+(public|supajobs)\.'
      and statement !~* '\mwhere\M'
  $$,
  'no statement meets every row of a table'
);

select * from finish();
rollback;
