"""Runs each file of supabase/tests as a test of its own: SQL that prints TAP."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from supajobs.local.stack import StackInfo

SQL_TESTS = Path(__file__).parents[1] / "supabase" / "tests"

FILES = sorted(SQL_TESTS.glob("*/*.test.sql"))


def name_file(file: Path) -> str:
    return str(file.relative_to(SQL_TESTS)).removesuffix(".test.sql")


@pytest.fixture(scope="module")
def db_url(stack: StackInfo) -> Iterator[str]:
    with psycopg.connect(stack.db_url, autocommit=True) as connection:
        connection.execute((SQL_TESTS / "000_fixtures.sql").read_bytes())
        yield stack.db_url
        connection.execute("drop schema tests cascade")


@pytest.mark.parametrize("file", FILES, ids=name_file)
def test_pgtap(file: Path, db_url: str) -> None:
    check_file(file, db_url)


def check_file(file: Path, db_url: str) -> None:
    with psycopg.connect(db_url, autocommit=True) as connection:
        results = connection.execute(file.read_bytes()).results()
        rows = [row for result in results if result.description for row in result.fetchall()]
    tap = "\n".join(str(column) for row in rows for column in row)

    failures = re.findall(r"^(?:not ok|#).*$", tap, re.MULTILINE)
    assert not failures, "\n".join(failures)

    planned = re.search(r"^1\.\.(\d+)$", tap, re.MULTILINE)
    passed = re.findall(r"^ok \d+", tap, re.MULTILINE)
    assert planned
    assert len(passed) == int(planned[1])
