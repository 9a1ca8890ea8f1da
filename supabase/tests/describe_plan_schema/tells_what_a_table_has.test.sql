begin;
select plan(6);

create table public.plan_things (
  id integer primary key,
  note text not null default 'none' check (note <> ''),
  short text generated always as (left(note, 1)) stored
);
create index plan_things_by_note on public.plan_things (note);
alter table public.plan_things enable row level security;
create policy plan_things_of_all on public.plan_things
for select to authenticated using (id > 0);
grant select (note) on public.plan_things to authenticated;

create temp table told as
select public.describe_plan_schema()::jsonb #> '{relations, plan_things}' as thing;

select is(thing ->> 'row_level_security', 'true', 'Row Level Security') from told;
select
  is(
    thing #> '{columns, note}',
    '{
      "type": "text", "not_null": true, "value": "''none''::text",
      "grants": {"authenticated": ["select"]}
    }',
    'a column, its default and who may do what'
  )
from told;
select is(thing #>> '{columns, short, value}', 'generated "left"(note, 1)', 'how one is generated')
from told;
select
  is(
    thing -> 'constraints',
    '{
      "plan_things_pkey": "PRIMARY KEY (id)",
      "plan_things_note_check": "CHECK ((note <> ''''::text))"
    }',
    'constraints'
  )
from told;
select
  is(
    thing -> 'indexes',
    '{
      "plan_things_by_note":
      "CREATE INDEX plan_things_by_note ON public.plan_things USING btree (note)"
    }',
    'indexes, but for those of constraints'
  )
from told;
select
  is(
    thing -> 'policies',
    '{
      "plan_things_of_all": {
        "command": "select", "kind": "permissive", "roles": ["authenticated"],
        "using": "(id > 0)", "with_check": null
      }
    }',
    'policies'
  )
from told;

select * from finish();
rollback;
