"""A project of its own that is as it should be: schedules, a processor, and nothing else."""

import contextlib
import math
from collections.abc import AsyncGenerator, Generator
from datetime import datetime
from typing import Any

import httpx
import pytest
from tests.doctor.findings import Break, Diagnose, Findings, schedule
from tests.doctor.gateway import Gateway, gateway
from tests.parts import PROJECT, Sql, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.doctor.examination import examine, open_project
from supajobs.local.stack import Stack, StackInfo
from supajobs.settings import Settings


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    stack = Stack(tmp_path_factory.mktemp("doctor"), project=PROJECT)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture(scope="package")
def settings(stack: StackInfo) -> Settings:
    return make_settings(stack)


@pytest.fixture(scope="package")
async def api(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    """The API, which has been seen, and whose processor has looked for jobs."""
    async with serve(create_app(make_settings(stack))) as client:
        with Sql.connect(stack.db_url, autocommit=True) as sql:
            await eventually(lambda: sql.execute("select from supajobs.processors").fetchall())
            await eventually(
                lambda: sql.execute(
                    "select from supajobs.sweeps where swept_at > '-infinity'"
                ).fetchall()
            )
        schedule(stack, f"{client.base_url}/v1/queue/process")
        yield client


@pytest.fixture(autouse=True)
def _slowness_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    """But where a test is about it: on a busy machine any answer may take a second."""
    for check in ("jwks", "processors"):
        monkeypatch.setattr(f"supajobs.doctor.{check}.SLOW", math.inf)


@pytest.fixture
def process_url(api: httpx.AsyncClient) -> str:
    return f"{api.base_url}/v1/queue/process"


@pytest.fixture
def diagnose(stack: StackInfo, process_url: str) -> Diagnose:
    """All findings, by check, with these settings in place of the right ones."""

    async def diagnose(**settings: Any) -> Findings:
        async with open_project(make_settings(stack, **settings)) as project:
            return {finding.check: finding async for finding in examine(project)}

    return diagnose


@pytest.fixture
def diagnose_unseen(diagnose: Diagnose, sql: Sql) -> Diagnose:
    """The findings when no processor has been seen since `seen_at`. One that lives says so every
    30 s: where it did meanwhile, the project is looked at again.
    """

    async def diagnose_unseen(seen_at: datetime) -> Findings:
        while True:
            sql.execute("update supajobs.processors set seen_at = %s", [seen_at])
            try:
                findings = await diagnose()
                if not sql.execute(
                    "select from supajobs.processors where seen_at > %s", [seen_at]
                ).fetchall():
                    return findings
            finally:
                sql.execute("update supajobs.processors set seen_at = now()")

    return diagnose_unseen


@pytest.fixture
async def front(stack: StackInfo) -> AsyncGenerator[Gateway]:
    async with gateway(stack.api_url) as front:
        yield front


@pytest.fixture
def broken(sql: Sql) -> Break:
    """Within it the statement holds; after it, the repair."""

    @contextlib.contextmanager
    def broken(statement: str, repair: str) -> Generator[None]:
        sql.execute(statement.encode())
        try:
            yield
        finally:
            sql.execute(repair.encode())

    return broken
