"""What the routers take from the app: its parts, by type."""

from typing import Annotated

from fastapi import Depends, Header, Request

from supajobs.database import Database
from supajobs.jobs import JobTypes
from supajobs.processor import Processor
from supajobs.queue import JobQueue
from supajobs.settings import Settings


def _database(request: Request) -> Database:
    return request.app.state.database


def _queue(request: Request) -> JobQueue:
    return request.app.state.queue


def _processor(request: Request) -> Processor:
    return request.app.state.processor


def _settings(request: Request) -> Settings:
    return request.app.state.settings


def _job_types(request: Request) -> JobTypes:
    return request.app.state.job_types


def _trace_id(request: Request) -> str:
    return request.scope["trace_id"]


DatabaseDep = Annotated[Database, Depends(_database)]
QueueDep = Annotated[JobQueue, Depends(_queue)]
ProcessorDep = Annotated[Processor, Depends(_processor)]
SettingsDep = Annotated[Settings, Depends(_settings)]
JobTypesDep = Annotated[JobTypes, Depends(_job_types)]
TraceId = Annotated[str, Depends(_trace_id)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Repeating a request with the same key returns the first one's job.",
        min_length=1,
        max_length=255,
    ),
]
