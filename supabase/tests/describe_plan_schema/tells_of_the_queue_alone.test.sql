begin;
select plan(2);

create table public.recipes (id integer);
create function public.cook() returns integer language sql as $$select 1$$;

select is(
  public.describe_plan_schema() #>> '{relations, recipes}', null, 'no other table of the project'
);
select is(
  public.describe_plan_schema() #>> '{functions, public.cook()}', null, 'and no other function'
);

select * from finish();
rollback;
