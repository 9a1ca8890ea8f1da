"""What the CLI proposes to a project with declarative schemas of its own.

Its commands make the two databases in Docker: one by the migrations, one by the schemas. Here they
are made without, and compared by the same engine.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.model.databases import Databases
from tests.parts import PROJECT

from supajobs.local.node import NODE
from supajobs.local.stack import StackInfo

OURS = sorted((PROJECT / "supabase" / "schemas").glob("*.sql"))
OWN = "create table public.notes (id bigint primary key)"

Propose = Callable[..., str]


@pytest.fixture(scope="module")
def databases(stack: StackInfo) -> Databases:
    return Databases(stack)


@pytest.fixture
def propose(entry: Path, databases: Databases, tmp_path: Path) -> Iterator[Propose]:
    """What is to be done where the migrations are ours, and these the schemas."""
    with databases.copy() as migrated, databases.empty() as declared:

        def propose(*schemas: str) -> str:
            with psycopg.connect(declared) as connection:
                for schema in schemas:
                    connection.execute(schema.encode())
            urls = ("--from", f"{migrated}?sslmode=disable", "--to", f"{declared}?sslmode=disable")
            ran = subprocess.run(  # noqa: S603 - our own arguments
                [NODE, entry, "db", "diff", "--use-pg-delta", *urls, "--workdir", tmp_path],
                env={**os.environ, "SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"},
                check=False,
                capture_output=True,
                text=True,
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr
            return ran.stdout

        yield propose


def test_with_our_schemas_copied_it_is_the_projects_own(propose: Propose) -> None:
    said = propose(*(file.read_text() for file in OURS), OWN)
    assert 'CREATE TABLE "public"."notes"' in said
    assert "DROP" not in said
    assert "plan_" not in said
    assert "supajobs" not in said


def test_without_them_all_of_ours_is_to_be_dropped(propose: Propose) -> None:
    said = propose(OWN)
    assert 'DROP TABLE "public"."plan_generation_jobs"' in said
    assert 'DROP SCHEMA "supajobs"' in said
