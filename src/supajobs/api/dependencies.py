"""What the routers take from the app: its parts, by type.

All of it is async: what is not, FastAPI hands to a thread, which costs more than many a route.
"""

import re
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import AfterValidator, Field, SecretStr

from supajobs.database import Database
from supajobs.health import HealthCheck
from supajobs.jobs import JobTypes
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.push_tokens import PushTokens
from supajobs.processor import Processor
from supajobs.queue import JobQueue
from supajobs.settings import Settings
from supajobs.tools import Registry
from supajobs.watcher import JobWatcher


async def _database(request: Request) -> Database:
    return request.app.state.database


async def _queue(request: Request) -> JobQueue:
    return request.app.state.queue


async def _processor(request: Request) -> Processor:
    return request.app.state.processor


async def _notifier(request: Request) -> Notifier:
    return request.app.state.notifier


async def _push_tokens(request: Request) -> PushTokens:
    return request.app.state.push_tokens


async def _watcher(request: Request) -> JobWatcher:
    return request.app.state.watcher


async def _health_check(request: Request) -> HealthCheck:
    return request.app.state.health_check


async def _settings(request: Request) -> Settings:
    return request.app.state.settings


async def _job_types(request: Request) -> JobTypes:
    return request.app.state.job_types


async def _registry(request: Request) -> Registry:
    return request.app.state.registry


async def _trace_id(request: Request) -> str:
    return request.scope["trace_id"]


DatabaseDep = Annotated[Database, Depends(_database)]
QueueDep = Annotated[JobQueue, Depends(_queue)]
ProcessorDep = Annotated[Processor, Depends(_processor)]
NotifierDep = Annotated[Notifier, Depends(_notifier)]
PushTokensDep = Annotated[PushTokens, Depends(_push_tokens)]
WatcherDep = Annotated[JobWatcher, Depends(_watcher)]
HealthCheckDep = Annotated[HealthCheck, Depends(_health_check)]
SettingsDep = Annotated[Settings, Depends(_settings)]
JobTypesDep = Annotated[JobTypes, Depends(_job_types)]
RegistryDep = Annotated[Registry, Depends(_registry)]
TraceId = Annotated[str, Depends(_trace_id)]
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
