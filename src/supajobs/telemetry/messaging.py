"""What a queue does with jobs, in the words that OpenTelemetry has for messages.

A job is a message, its type the destination. See the semantic conventions for messaging spans:
https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal
from uuid import UUID

OperationType = Literal["send", "receive", "process", "settle"]
Attributes = Mapping[str, str | int]

_current = ContextVar[Attributes | None]("messaging", default=None)


def describe_operation(
    kind: OperationType, name: str, job_types: Sequence[str], job_ids: Sequence[UUID] = ()
) -> Attributes:
    """The attributes of a span: `name` is our word for it, and the types are those of all jobs.

    Of several jobs their number is told, and of one its id, if that is known.
    """
    told: dict[str, str | int] = {
        "messaging.system": "supajobs",
        "messaging.operation.type": kind,
        "messaging.operation.name": name,
    }
    if len(set(job_types)) == 1:
        told["messaging.destination.name"] = job_types[0]
    if len(job_types) != 1:
        told["messaging.batch.message_count"] = len(job_types)
    elif job_ids:
        told["messaging.message.id"] = str(job_ids[0])
    return told


@contextmanager
def operation(
    kind: OperationType, name: str, job_types: Sequence[str], job_ids: Sequence[UUID] = ()
) -> Generator[None]:
    """The spans of the calls that are made meanwhile tell what they do."""
    token = _current.set(describe_operation(kind, name, job_types, job_ids))
    try:
        yield
    finally:
        _current.reset(token)


def find_operation() -> Attributes:
    """What the call that is being made does; empty if it is none of these."""
    return _current.get() or {}
