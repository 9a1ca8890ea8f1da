"""What the routers take from the app, and from a request.

A dependency costs a request about 10 µs, so the parts come as one; and it is async: what is not,
FastAPI hands to a thread, which costs more than many a route.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import AfterValidator, Field, SecretStr

from supajobs.api.dashboard.answers import DashboardAnswers
from supajobs.api.dashboard.session_cookies import SessionCookies
from supajobs.api.dashboard.wrong_secrets import WrongSecrets
from supajobs.api.health_check import HealthCheck
from supajobs.api.offered_types import OfferedTypes
from supajobs.api.queue_gauges import QueueGauges
from supajobs.api.stopping import before_the_server_stops
from supajobs.api.watcher import JobWatcher
from supajobs.auth import TokenVerifier
from supajobs.client import Client
from supajobs.errors import NotRunningError, SeveralRunningError
from supajobs.handlers.tools import Registry
from supajobs.jobs import Job
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.push_tokens import PushTokens
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.overview import Overview
from supajobs.settings import Settings
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.processor_thread import ProcessorThread

FIND_PARTS = "supajobs.find_parts"
"""What finds the parts of a request's router, in the request's scope."""


@dataclass(frozen=True, eq=False)
class Parts:
    """What the routes work with: one of each in a process."""

    settings: Settings
    offered: OfferedTypes
    registry: Registry
    metrics: Metrics
    queue_gauges: QueueGauges
    database: Database
    queue: JobQueue
    overview: Overview
    client: Client
    watcher: JobWatcher
    health_check: HealthCheck
    dashboard: DashboardAnswers
    session_cookies: SessionCookies
    wrong_secrets: WrongSecrets
    processor: ProcessorThread
    notifier: Notifier
    push_tokens: PushTokens
    token_verifier: TokenVerifier
    wake: Callable[[Job], None]
    """Starts on a job that was asked for, where this process runs jobs."""


_at_work: list[Parts] = []


@contextlib.contextmanager
def at_work(parts: Parts) -> Generator[None]:
    """Lets routes of other apps find the parts, for as long as the context lasts."""
    _at_work.append(parts)
    try:
        yield
    finally:
        _at_work.remove(parts)


@contextlib.asynccontextmanager
async def working(parts: Parts) -> AsyncGenerator[None]:
    """The parts do what they do besides answering requests, for as long as the context lasts."""
    parts.token_verifier.refresh()  # before somebody waits for the keys
    watching = asyncio.create_task(parts.watcher.work())
    try:
        async with (
            before_the_server_stops(parts.watcher.close),
            parts.notifier.working(),
            parts.processor.working(),
        ):
            if parts.settings.api_runs_jobs:
                parts.processor.wake()  # for what was enqueued while no process ran
            with at_work(parts):
                yield
    finally:
        watching.cancel()
        await asyncio.wait({watching})


def find_parts(request: Request) -> Parts:
    """Those that the request's router belongs to; on a route of others, the one set at work.

    Raises:
        NotRunningError: they are not at work.
        SeveralRunningError: which of them is meant, nothing tells.
    """
    if find := request.scope.get(FIND_PARTS):
        return find()
    match _at_work:
        case [parts]:
            return parts
        case []:
            raise NotRunningError
        case _:
            raise SeveralRunningError


async def _parts(request: Request) -> Parts:
    return find_parts(request)


PartsDep = Annotated[Parts, Depends(_parts)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Repeating a request with the same key returns the first one's job.",
        min_length=1,
        max_length=255,
    ),
]


VISIBLE = "^[!-~]+$"


def _require_visible(key: SecretStr) -> SecretStr:
    if not re.fullmatch(VISIBLE, key.get_secret_value()):
        raise ValueError("Visible ASCII characters alone")
    return key


ProviderKey = Annotated[
    Annotated[
        SecretStr,
        Field(min_length=8, max_length=512, json_schema_extra={"pattern": VISIBLE}),
        AfterValidator(_require_visible),
    ]
    | None,
    Header(
        alias="X-Provider-Key",
        description="Your own key for the model's provider, for job types that take one. It is "
        "kept encrypted, and erased when the job ends.",
    ),
]
