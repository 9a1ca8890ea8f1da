"""One embedded Supabase for each worker of a run, which each file of tests finds as if it were new.

The tests of a file keep apart by making their own users and types.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx
import hypothesis
import pytest
import stamina.instrumentation
import structlog
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Literal
from supabase import AsyncClient, AsyncClientOptions
from tests.parts import TLS, Person, Sql, make_settings
from tests.pristine import Pristine
from tests.serving import serve
from tests.sharing import Sharing, turn

from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.job_signals import JobSignals
from supajobs.settings import Settings


def pytest_configure() -> None:
    """Leaves out what takes the CPU and shows nothing.

    To hash a password as a real one takes 110 ms for each person who signs up. The log's default
    draws each traceback with all local variables, which takes seconds.
    """
    os.environ["LITE_AUTH_BCRYPT_COST"] = "4"
    hypothesis.settings.load_profile("ci")  # the same examples each time, and no time limit
    *processors, _ = structlog.get_config()["processors"]
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, renderer])


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, because tests wait a lot."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Generator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    """A command run in this process sends the log to a stderr that ends with it, or nowhere."""
    config, hooks = structlog.get_config(), stamina.instrumentation.get_on_retry_hooks()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**config)
    stamina.instrumentation.set_on_retry_hooks(hooks)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def pristine(supajobs_stack: StackInfo) -> Pristine:
    return Pristine(supajobs_stack.superuser_db_url)


@pytest.fixture(scope="module")
def stack(supajobs_stack: StackInfo, pristine: Pristine) -> StackInfo:
    """With nothing in it that the tests of another file have left.

    For what outlasts a file: supajobs_stack, which users of the package have too.
    """
    pristine.restore()
    return supajobs_stack


@pytest.fixture(scope="module")
def settings(stack: StackInfo) -> Settings:
    return make_settings(stack)


@pytest.fixture
def sql(stack: StackInfo) -> Generator[Sql]:
    """A direct connection, to arrange and to look; the code under test has none."""
    with Sql.connect(stack.db_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
async def database(settings: Settings) -> AsyncGenerator[Database]:
    database = Database(settings, patience=5)
    yield database
    await database.close()


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database)


@pytest.fixture
def signals(queue: JobQueue) -> JobSignals:
    return queue.signals


@pytest.fixture
async def sign_up(stack: StackInfo) -> AsyncGenerator[Callable[[], Awaitable[Person]]]:
    """Makes people, each with a real sign-up over HTTP."""
    async with contextlib.AsyncExitStack() as clients:

        async def sign_up() -> Person:
            http = await clients.enter_async_context(httpx.AsyncClient(verify=TLS))
            options = AsyncClientOptions(httpx_client=http, auto_refresh_token=False)
            client = await AsyncClient.create(stack.api_url, stack.publishable_key, options)
            answer = await client.auth.sign_up(
                {"email": f"{uuid4()}@example.com", "password": "correct horse battery"}
            )
            assert answer.user
            assert answer.session
            return Person(UUID(answer.user.id), answer.session.access_token, client)

        yield sign_up


@pytest.fixture
async def person(sign_up: Callable[[], Awaitable[Person]]) -> Person:
    return await sign_up()


@pytest.fixture
def make_job_type(sql: Sql) -> Callable[..., str]:
    """Adds a row to plan_job_types under a name of its own; limits as keywords."""

    def make_job_type(**limits: Any) -> str:
        name = f"type_{uuid4().hex[:12]}"
        columns = {"job_type": name, **limits}
        sql.execute(
            SQL("insert into plan_job_types ({}) values ({})").format(
                SQL(", ").join(map(Identifier, columns)),
                SQL(", ").join(map(Literal, columns.values())),
            )
        )
        return name

    return make_job_type


@pytest.fixture
def read_job(sql: Sql) -> Callable[[UUID], Mapping[str, Any]]:
    """The whole row of a job, internal columns too."""

    def read_job(job_id: UUID) -> Mapping[str, Any]:
        row = sql.execute("select * from plan_generation_jobs where id = %s", [job_id]).fetchone()
        assert row, "the job is gone"
        return row

    return read_job


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Lets each name lead to these addresses, once; returns who was asked for."""
    asked: list[str] = []

    def resolve(*found: str) -> list[str]:
        async def look_up(host: str, *_args: object, **_options: object) -> list[object]:
            asked.append(host)
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "no such host")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 0)) for each in found]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
        return asked

    return resolve


@pytest.fixture
async def api(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    """The API with the built-in job types, which starts on jobs only when it is triggered."""
    async with serve(create_app(make_settings(stack, api_runs_jobs=False))) as client:
        yield client
