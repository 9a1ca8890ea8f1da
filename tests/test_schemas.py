"""The schemas, where the SQL is read, and the migrations, which are written from them."""

import json
import re
import runpy
from collections import Counter
from collections.abc import Generator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.model.databases import Databases
from tests.parts import PROJECT, Sql

from supajobs.doctor.schema_description import SNAPSHOT
from supajobs.local.stack import StackInfo
from supajobs.shipped_sql import JOB_TYPES

MIGRATIONS = PROJECT / "supabase" / "migrations"
WRITER = runpy.run_path(str(PROJECT / "scripts" / "write_migration.py"))
# Projects of before 30 October 2026 grant on what is new in public; some people revoke what
# PostgreSQL grants everybody.
WORLDS = {
    "an older hosted project": """
        alter default privileges in schema public
        grant all on tables to anon, authenticated, service_role;
        alter default privileges in schema public
        grant all on functions to anon, authenticated, service_role;
        alter default privileges in schema public
        grant all on sequences to anon, authenticated, service_role;
    """,
    "a project that grants nothing": """
        alter default privileges revoke execute on functions from public;
    """,
}
SCHEMAS: dict[str, str] = WRITER["read_schemas"]()


@pytest.fixture(scope="module")
def databases(stack: StackInfo) -> Databases:
    return Databases(stack)


@pytest.fixture
def migrated(databases: Databases) -> Generator[dict[str, Any]]:
    with databases.copy() as url:
        yield describe(url)


def describe(url: str) -> dict[str, Any]:
    with Sql.connect(url, row_factory=dict_row) as sql:
        row = sql.execute("select describe_plan_schema() as described").fetchone()
    assert row
    return {**row["described"], "migrations": None}


def apply(databases: Databases, schemas: dict[str, str]) -> dict[str, Any]:
    with databases.empty() as url:
        with psycopg.connect(url) as connection:
            for text in schemas.values():
                connection.execute(text.encode())
        return describe(url)


def test_the_migrations_are_as_the_schemas_write_them() -> None:
    there = {file.name: file.read_text() for file in MIGRATIONS.glob("*.sql")}
    assert there == WRITER["make_migrations"](SCHEMAS), "run scripts/write_migration"


def test_schemas_and_migrations_make_the_same_database(
    databases: Databases, migrated: dict[str, Any]
) -> None:
    assert apply(databases, SCHEMAS) == migrated


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("02_jobs.sql", "priority smallint not null default 5", "priority smallint not null"),
        ("11_claim.sql", "v_pass integer := 0", "v_pass integer := 1"),
        ("50_training_plans.sql", "plan jsonb not null", "plan jsonb"),
    ],
)
def test_a_schema_that_is_changed_alone_makes_another_one(
    databases: Databases, migrated: dict[str, Any], file: str, old: str, new: str
) -> None:
    changed = SCHEMAS[file].replace(old, new)
    assert changed != SCHEMAS[file]
    assert apply(databases, {**SCHEMAS, file: changed}) != migrated


def test_each_thing_is_defined_in_one_place() -> None:
    made = re.findall(
        r"^create (?:or replace )?(\w+) ([\w.]+)", "\n".join(SCHEMAS.values()), re.MULTILINE
    )
    names = Counter(name for kind, name in made if kind in {"function", "table", "view"})
    assert "public.claim_plan_jobs" in names
    assert [name for name, times in names.items() if times > 1] == []


def test_the_queue_needs_no_family(databases: Databases) -> None:
    queue = {file: text for file, text in SCHEMAS.items() if file < "50"}
    assert apply(databases, queue)["job_types"] == ["canary"]


@pytest.mark.parametrize("world", WORLDS)
def test_who_may_do_what_is_the_same_in_each_project(
    stack: StackInfo, migrated: dict[str, Any], world: str
) -> None:
    with Databases(stack, WORLDS[world]).empty() as url:
        with psycopg.connect(url) as connection:
            for text in SCHEMAS.values():
                connection.execute(text.encode())
        described = describe(url)
        with psycopg.connect(url) as connection:
            connection.execute("create table public.theirs (id int)")
            connection.execute("create function public.theirs() returns int return 1")
            [(table, function)] = connection.execute(
                "select has_table_privilege('anon', 'public.theirs', 'select'), "
                "has_function_privilege('anon', 'public.theirs()', 'execute')"
            ).fetchall()
            connection.execute("set local role service_role")
            claimed = connection.execute("select public.claim_next_plan_job('w')").fetchone()
    assert described == migrated
    assert claimed == (None,)
    # What is theirs is as they have it.
    assert (table, function) == ((True, True) if "older" in world else (False, False))


def test_the_job_types_of_the_migrations_are_known_as_such() -> None:
    assert json.loads(SNAPSHOT.read_text())["job_types"] == sorted(JOB_TYPES)
