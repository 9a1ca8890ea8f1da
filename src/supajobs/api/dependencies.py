"""What the routers take from the app: its parts, by type.

All of it is async: what is not, FastAPI hands to a thread, which costs more than many a route.
"""

from typing import Annotated

from fastapi import Depends, Header, Request

from supajobs.database import Database
from supajobs.health import HealthCheck
from supajobs.jobs import JobTypes
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
