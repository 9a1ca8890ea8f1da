"""The migrations before the official CLI: what `supabase db push` and the advisors say of them."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.parts import PROJECT

from supajobs.local.node import NODE
from supajobs.local.stack import Stack, StackInfo

Supabase = Callable[..., str]


@pytest.fixture(scope="session")
def supabase(entry: Path) -> Supabase:
    """Runs a command of the CLI on a database and returns what it printed."""

    def supabase(*arguments: str, db_url: str) -> str:
        result = subprocess.run(  # noqa: S603 - our own arguments
            [
                NODE,
                entry,
                *arguments,
                "--db-url",
                f"{db_url}?sslmode=disable",
                "--workdir",
                PROJECT,
            ],
            env={**os.environ, "SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"},
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return supabase


def test_the_advisors_have_nothing_to_say(stack: StackInfo, supabase: Supabase) -> None:
    said = supabase("db", "advisors", "--type", "all", "--level", "info", db_url=stack.db_url)
    found = json.loads(said or "[]")
    # Whether an index is used depends on what ran before in this database.
    assert [advice for advice in found if advice["name"] != "unused_index"] == []


def test_the_advisors_would_have_something_to_say(stack: StackInfo, supabase: Supabase) -> None:
    with psycopg.connect(stack.db_url, autocommit=True) as database:
        database.execute("create table public.exposed (id int)")
        found = supabase("db", "advisors", "--type", "all", "--level", "info", db_url=stack.db_url)
        database.execute("drop table public.exposed")
    assert "exposed" in found


def test_push_finds_nothing_to_do_after_the_embedded_stack(
    stack: StackInfo, supabase: Supabase
) -> None:
    assert "up to date" in supabase("db", "push", "--dry-run", db_url=stack.db_url)


def test_the_embedded_stack_finds_nothing_to_do_after_push(
    empty: StackInfo, tmp_path: Path, supabase: Supabase
) -> None:
    supabase("db", "push", "--yes", db_url=empty.db_url)
    again = Stack(tmp_path / "stack", project=PROJECT).up()
    assert "up to date" in supabase("db", "push", "--dry-run", db_url=again.db_url)
