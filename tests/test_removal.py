"""Taking supajobs out of a project leaves what was there before, and what others have added."""

import shutil
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.parts import PROJECT, Sql

from supajobs.local.migrating import apply_migrations
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import Stack, StackInfo

REMOVAL = PROJECT / "supabase" / "remove_supajobs.sql"
MIGRATIONS = PROJECT / "supabase" / "migrations"
USER = uuid4()

# The extensions stay: others may use them by then. So do other people's things, whatever they are
# called, and what they are allowed to do.
BEFORE = """
create extension pg_cron;
create extension pg_net with schema extensions;
create table public.plan_travels (id uuid primary key, owner uuid references auth.users);
create function public.plan_a_holiday() returns int language sql as 'select 1';
create policy plan_travels_closed on public.plan_travels for all to anon using (false);
alter default privileges in schema public grant select on tables to authenticated;
select cron.schedule('my own', '0 3 * * *', 'select 1');
select vault.create_secret('mine', 'my_own');
"""

# What there is of Realtime, where a project has it.
REALTIME = """
create schema realtime authorization postgres;
set role postgres;
create table realtime.messages (topic text, extension text);
create function realtime.topic() returns text language sql as 'select current_user::text';
create function realtime.send(jsonb, text, text, boolean) returns void language sql as '';
"""

# Each object that depends on anything or is depended on, which is all of them, except what
# PostgreSQL brings; who may do what with it; and the rows that others keep of us.
OBJECTS = r"""
with object as (
  select distinct depending.classid, depending.objid, depending.objsubid
  from pg_depend as depending
  where depending.classid <> 0 and depending.objid >= 16384
)
select concat_ws(' ', told.type, regexp_replace(told.identity, '\d{5,}', '…', 'g'))
from object
cross join lateral pg_identify_object(object.classid, object.objid, object.objsubid) as told
union all
select concat_ws(' ', 'relation', oid::regclass, relowner::regrole, relacl, reloptions)
from pg_class where relnamespace <> 'pg_toast'::regnamespace and oid >= 16384
union all
select concat_ws(' ', 'column', attrelid::regclass, attname, atttypid::regtype, attacl)
from pg_attribute where attnum > 0 and attrelid >= 16384 and not attisdropped
union all
select concat_ws(' ', 'function', oid::regprocedure, proowner::regrole, proacl, md5(prosrc))
from pg_proc where oid >= 16384
union all
select concat_ws(' ', 'schema', nspname, nspacl) from pg_namespace
union all
select concat_ws(' ', 'default', defaclrole::regrole, defaclnamespace, defaclobjtype, defaclacl)
from pg_default_acl
union all
select concat_ws(' ', 'setting', setdatabase, setrole, setconfig) from pg_db_role_setting
union all
select concat_ws(' ', 'role', rolname, rolconfig) from pg_roles
union all
select concat_ws(' ', 'comment', classoid::regclass, objoid, objsubid, description)
from pg_description where objoid >= 16384
union all
select concat_ws(' ', 'schedule', jobname, schedule, command) from cron.job
union all
select concat_ws(' ', 'secret', name) from vault.secrets
union all
select concat_ws(' ', 'migration', version) from supabase_migrations.schema_migrations
order by 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Generator[StackInfo]:
    """A project of somebody else's, before it gets supajobs."""
    stack = Stack(tmp_path / "stack", project=tmp_path)
    try:
        info = stack.up()
        with psycopg.connect(info.db_url) as database:
            database.execute(BEFORE)
        yield info
    finally:
        stack.down(purge=True)


def list_objects(project: StackInfo) -> set[str]:
    with psycopg.connect(project.superuser_db_url) as database:
        return {told for (told,) in database.execute(OBJECTS.encode())}


def remove(project: StackInfo) -> None:
    with psycopg.connect(project.db_url, autocommit=True) as database:
        database.execute(REMOVAL.read_bytes())


def use(project: StackInfo, job_type: str) -> None:
    """Leaves in the project what supajobs leaves there once it runs."""
    with Sql.connect(project.db_url, autocommit=True, row_factory=dict_row) as sql:
        sql.execute("insert into auth.users (id) values (%s)", [USER])
        sql.execute("select enqueue_plan_job(%s, %s, '{}')", [USER, job_type])
        sql.execute("select claim_plan_jobs(%s, 'w')", [USER])
    schedule_processing(project.db_url, process_url="http://127.0.0.1:9/", cron_secret="s" * 16)


@pytest.mark.parametrize(
    ("versions", "job_type"),
    [("*_create_plan_queue.sql", "canary"), ("*", "training_plan")],
    ids=["the queue alone", "all of it"],
)
def test_a_project_is_again_what_it_was(
    project: StackInfo, tmp_path: Path, versions: str, job_type: str
) -> None:
    before = list_objects(project)
    old = tmp_path / "old" / "supabase" / "migrations"
    old.mkdir(parents=True)
    for migration in MIGRATIONS.glob(versions):
        shutil.copy(migration, old)
    apply_migrations(tmp_path / "old", project.db_url)
    use(project, job_type)
    assert len(list_objects(project) - before) > 100

    remove(project)

    after = list_objects(project)
    assert after - before == set(), f"supabase/{REMOVAL.name} leaves these"
    assert before - after == set(), f"supabase/{REMOVAL.name} takes these, which are not ours"
    remove(project)  # there is nothing left to do
    assert len(apply_migrations(PROJECT, project.db_url)) == len(list(MIGRATIONS.glob("*.sql")))


def test_what_starts_by_request_goes_too(project: StackInfo) -> None:
    with psycopg.connect(project.superuser_db_url) as database:
        database.execute(REALTIME)
    before = list_objects(project)
    apply_migrations(PROJECT, project.db_url)
    with psycopg.connect(project.db_url) as database:
        database.execute("select start_plan_job_wakes()")
    assert any("plan_jobs_are_heard_by_their_user" in each for each in list_objects(project))
    remove(project)
    assert list_objects(project) == before


def test_where_something_depends_on_it_all_of_it_stays(project: StackInfo) -> None:
    apply_migrations(PROJECT, project.db_url)
    schedule_processing(project.db_url, process_url="http://127.0.0.1:9/", cron_secret="s" * 16)
    with psycopg.connect(project.db_url) as database:
        database.execute("create view public.my_jobs as select * from plan_generation_jobs")
    before = list_objects(project)
    with pytest.raises(psycopg.errors.DependentObjectsStillExist) as refused:
        remove(project)
    assert "view my_jobs depends on table plan_generation_jobs" in str(refused.value)
    assert list_objects(project) == before


def test_where_the_migrations_were_run_by_hand_there_is_no_history(project: StackInfo) -> None:
    with psycopg.connect(project.superuser_db_url) as database:
        database.execute("drop schema supabase_migrations cascade")
    remove(project)
