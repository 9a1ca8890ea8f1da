begin;
select plan(2);

create table public.plan_things (id integer);
create role outsider;
grant select on public.plan_things to public, outsider;
grant update, insert on public.plan_things to anon;
grant delete on public.plan_things to service_role;

select
  is(
    supajobs.describe_grants(relacl)::jsonb,
    '{"public": ["select"], "anon": ["insert", "update"], "service_role": ["delete"]}',
    'and no other'
  )
from pg_class where oid = 'public.plan_things'::regclass;

revoke all on public.plan_things from public, outsider, anon, service_role, current_user;
select is(supajobs.describe_grants(relacl)::jsonb, '{}', 'nobody')
from pg_class where oid = 'public.plan_things'::regclass;

select * from finish();
rollback;
