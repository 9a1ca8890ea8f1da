"""The one PostgreSQL server on which everything of a run is measured."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import TupleRow

from benchmarks.api import Api
from supajobs.local.migrating import apply_migrations
from supajobs.local.stack import Stack

PROJECT = Path(__file__).parents[1]

Sql = psycopg.Connection[TupleRow]


@dataclass(frozen=True)
class Server:
    """`url` leads to the database with supajobs in it; the others get their own beside it."""

    url: str
    admin_url: str
    """The same as a superuser, where there is one."""
    disposable: bool
    """Whether the whole of it is thrown away afterwards."""
    api: Api | None

    @contextlib.contextmanager
    def database(self, name: str) -> Generator[str]:
        """A new database, dropped in the end."""
        name = f"supajobs_benchmark_{name}"
        with connect(self.admin_url) as admin:
            admin.execute(f"drop database if exists {name} with (force)".encode())
            admin.execute(f"create database {name}".encode())
            try:
                yield urlsplit(self.admin_url)._replace(path=f"/{name}").geturl()
            finally:
                admin.execute(f"drop database {name} with (force)".encode())

    def checkpoint(self) -> None:
        """So that none comes while something is measured; where we may."""
        with connect(self.admin_url) as admin, contextlib.suppress(psycopg.Error):
            admin.execute("checkpoint")


@contextlib.contextmanager
def embedded() -> Generator[Server]:
    """A stack of our own, purged in the end."""
    with TemporaryDirectory(prefix="supajobs-benchmarks-") as directory:
        stack = Stack(Path(directory) / "stack", project=PROJECT)
        try:
            info = stack.up()
            yield Server(
                url=info.db_url,
                admin_url=info.superuser_db_url,
                disposable=True,
                api=Api(info.api_url, info.secret_key, info.publishable_key),
            )
        finally:
            stack.down(purge=True)


def given(database: str, api: Api | None) -> Server:
    """Somebody's Supabase project; what is missing of the migrations is applied to it."""
    apply_migrations(PROJECT, database)
    return Server(url=database, admin_url=database, disposable=False, api=api)


def connect(url: str) -> Sql:
    """The driver and its settings, alike for all: every statement prepared, each a transaction."""
    connection = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor)
    connection.prepare_threshold = 0
    return connection


def fetch_value(sql: Sql, statement: str, *values: Any) -> Any:
    """The first column of the only row."""
    row = sql.execute(statement.encode(), values).fetchone()
    if row is None:
        raise LookupError(statement)
    return row[0]


def run_script(sql: Sql, script: str) -> None:
    """Many statements at once, as one transaction."""
    sql.execute(script.encode(), prepare=False)
