begin;
select plan(2);

create function public.plan_something(p_note text default 'none') returns integer
language sql
stable
set search_path = ''
as $$select 1$$;

create temp table told as
select public.describe_plan_schema()::jsonb #> '{functions, public.plan_something(text)}' as told;

select
  is(
    told.told - 'grants',
    jsonb_build_object(
      'name', 'plan_something',
      'arguments', 'p_note text DEFAULT ''none''::text',
      'returns', 'integer',
      'language', 'sql',
      'volatility', 's',
      'security_definer', false,
      'settings', array['search_path=""'],
      'body', md5('select 1')
    ),
    'all but its source, of which it tells the md5'
  )
from told;
select is(told.told #>> '{grants, public}', '["execute"]', 'who may execute it') from told;

select * from finish();
rollback;
