begin;
select plan(1);

select is_empty(
  $$
    select proname from pg_proc
    where pronamespace = 'public'::regnamespace
    group by proname having count(*) > 1
  $$,
  'PostgREST could not tell them apart'
);

select * from finish();
rollback;
