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

from supajobs.local.migrating import apply_migrations

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


@dataclass(frozen=True)
class Mutation:
    """One way to break one function."""

    function: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.function}: {self.old} -> {self.new}"

    def install(self, url: str) -> None:
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


class Databases:
    """Copies of one migrated database, in the cluster of the stack.

    `project`: what else the migrations are to find in it.
    """

    def __init__(self, db_url: str, project: str = "") -> None:
        self._db_url = db_url
        self._project = project

    @contextmanager
    def copy(self, *mutations: Mutation) -> Generator[str]:
        name = self._create(template=self._template)
        url = self._url_of(name)
        try:
            for mutation in mutations:
                mutation.install(url)
            yield url
        finally:
            self._run("drop database {} with (force)", name)

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
        return urlsplit(self._db_url)._replace(path=f"/{name}").geturl()
