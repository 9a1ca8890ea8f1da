"""Databases with the migrations and nothing else, for tests that want one to themselves."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import LiteralString
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier
from tests.parts import PROJECT
from tests.pristine import Pristine

from supajobs.local.migrating import apply_migrations
from supajobs.local.stack import StackInfo

# What the migrations look for in a Supabase project, apart from its roles.
_PROJECT = """
    create schema extensions;
    create schema vault;
    create schema auth;
    create table auth.users (id uuid primary key);
    create function auth.uid() returns uuid language sql return null::uuid;
    create schema supabase_migrations;
    create table supabase_migrations.schema_migrations (
        version text primary key, statements text[], name text
    );
"""

_END_OTHERS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where
        datname = current_database() and pid <> pg_backend_pid()
        and backend_type = 'client backend' -- nobody may end an autovacuum
"""
_FUNCTIONS = """
    select md5(string_agg(concat_ws(' ', oid, prosrc, proconfig), ' ' order by oid))
    from pg_proc where oid >= 16384
"""


@dataclass(frozen=True)
class Mutation:
    """One way to break one function."""

    function: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.function}: {self.old} -> {self.new}"

    def install(self, url: str) -> str:
        """Gives the statement that undoes it."""
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "select pg_get_functiondef(%s::regproc)", [self.function]
            ).fetchone()
            assert row
            definition = str(row[0])
            mutant = definition.replace(self.old, self.new)
            if mutant == definition:  # no AssertionError, by which a mutation is found
                raise LookupError(f"{self.function} no longer has {self.old!r}")
            connection.execute(mutant.encode())
            return definition


@dataclass(frozen=True)
class Lent:
    """A copy that is used again and again, as it was in the beginning."""

    url: str
    pristine: Pristine
    functions: str

    def restore(self, undo: list[str]) -> bool:
        """Tells whether it is as it was."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_END_OTHERS)
            for statement in undo:
                connection.execute(statement.encode())
        self.pristine.restore()
        return read_functions(self.url) == self.functions


class Databases:
    """Copies of one migrated database, in the cluster of the stack.

    `project`: what else the migrations are to find in it.
    """

    def __init__(self, stack: StackInfo, project: str = "") -> None:
        self._db_url = stack.db_url
        self._superuser_db_url = stack.superuser_db_url
        self._project = project
        self._spare: list[Lent] = []

    @contextmanager
    def copy(self) -> Generator[str]:
        name = self._create(template=self._template)
        try:
            yield self._url_of(name)
        finally:
            self._run("drop database {} with (force)", name)

    @contextmanager
    def lend(self, *mutations: Mutation) -> Generator[str]:
        """A copy for who changes rows alone: it costs a tenth of a new one.

        Whatever else is changed, but by these mutations, makes it the last time for this copy.
        """
        lent = self._spare.pop() if self._spare else self._make()
        undo = [mutation.install(lent.url) for mutation in mutations]
        try:
            yield lent.url
        finally:
            if lent.restore(undo):
                self._spare.append(lent)

    def _make(self) -> Lent:
        name = self._create(template=self._template)
        url = self._url_of(name)
        pristine = Pristine(_lead_to(name, self._superuser_db_url))
        return Lent(url, pristine, read_functions(url))

    @contextmanager
    def empty(self) -> Generator[str]:
        """A project without the migrations."""
        name = self._create_project()
        try:
            yield self._url_of(name)
        finally:
            self._run("drop database {} with (force)", name)

    @cached_property
    def _template(self) -> str:
        name = self._create_project()
        apply_migrations(PROJECT, self._url_of(name))
        return name

    def _create_project(self) -> str:
        name = self._create(template="template1")
        with psycopg.connect(self._url_of(name)) as connection:
            connection.execute(_PROJECT)
            connection.execute(self._project.encode())
        return name

    def _create(self, *, template: str) -> str:
        name = f"model_{uuid4().hex}"
        self._run("create database {} template {}", name, template)
        return name

    def _run(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self._db_url, autocommit=True) as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))

    def _url_of(self, name: str) -> str:
        return _lead_to(name, self._db_url)


def read_functions(url: str) -> str:
    """A digest of all that do not come with PostgreSQL."""
    with psycopg.connect(url) as connection:
        row = connection.execute(_FUNCTIONS).fetchone()
    assert row
    return row[0]


def _lead_to(name: str, url: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()
