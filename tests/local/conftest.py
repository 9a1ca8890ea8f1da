"""A stack with a project of its own, so that these tests do not hang on the queue's migrations."""

from collections.abc import Callable, Generator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions
from tests.parts import TLS

from supajobs.local.stack import Stack, StackInfo

CONFIG = "[auth]\nenable_anonymous_sign_ins = true\n"
MIGRATION = """
create table public.notes (
    id bigint generated always as identity primary key,
    owner uuid default auth.uid() references auth.users (id) on delete cascade,
    body text not null,
    extra jsonb,
    price numeric,
    at timestamptz not null default '2026-01-02 03:04:05.678+00'
);
alter table public.notes enable row level security;
create policy notes_own on public.notes using ((select auth.uid()) = owner);
grant select, insert on public.notes to authenticated;
grant all on public.notes to service_role;

create table public.ungranted (id bigint primary key);

create extension pg_cron;
create extension pg_net;
"""


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    write_migration(project, "20260101000000_create_notes.sql", MIGRATION)
    (project / "supabase" / "config.toml").write_text(CONFIG)
    return project


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Generator[StackInfo]:
    stack = Stack(tmp_path_factory.mktemp("stack"), project)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def make_stack(tmp_path: Path) -> Generator[Callable[..., Stack]]:
    """Makes stacks that may be broken at will; they are gone after the test."""
    made: list[Stack] = []

    def make_stack(name: str = "stack", project: Path = tmp_path) -> Stack:
        made.append(Stack(tmp_path / name, project))
        return made[-1]

    yield make_stack
    for stack in made:
        stack.down(purge=True)


@pytest.fixture
def sql(stack: StackInfo) -> Generator[psycopg.Connection]:
    with psycopg.connect(stack.db_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def secret(stack: StackInfo) -> Generator[httpx.Client]:
    """A caller with the secret key."""
    with httpx.Client(
        base_url=stack.api_url, headers={"apikey": stack.secret_key}, verify=TLS
    ) as client:
        yield client


@pytest.fixture
def anon(stack: StackInfo) -> Generator[httpx.Client]:
    """A caller with nothing but the publishable key."""
    headers = {"apikey": stack.publishable_key}
    with httpx.Client(base_url=stack.api_url, headers=headers, verify=TLS) as client:
        yield client


@pytest.fixture
def make_client(stack: StackInfo) -> Generator[Callable[[str], Client]]:
    """Makes clients of supabase-py from an API key."""
    with httpx.Client(verify=TLS) as http:

        def make_client(key: str) -> Client:
            options = SyncClientOptions(httpx_client=http, auto_refresh_token=False)
            return create_client(stack.api_url, key, options)

        yield make_client


@pytest.fixture
def user(stack: StackInfo, make_client: Callable[[str], Client]) -> Client:
    """supabase-py, signed in as a new user."""
    client = make_client(stack.publishable_key)
    client.auth.sign_up({"email": f"{uuid4()}@example.com", "password": "correct horse battery"})
    return client


def write_migration(project: Path, name: str, script: str) -> Path:
    folder = project / "supabase" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(script)
    return folder / name
