"""What the routers take from the app, and from a request.

A dependency costs a request about 10 µs, so the parts come as one; and it is async: what is not,
FastAPI hands to a thread, which costs more than many a route.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import AfterValidator, Field, SecretStr

from supajobs.api.health_check import HealthCheck
from supajobs.api.watcher import JobWatcher
from supajobs.auth import TokenVerifier
from supajobs.handlers.tools import Registry
from supajobs.job_types import JobTypes
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.push_tokens import PushTokens
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings
from supajobs.worker.processor_thread import ProcessorThread


@dataclass(frozen=True)
class Parts:
    """What the routes work with: one of each in a process."""

    settings: Settings
    job_types: JobTypes
    registry: Registry
    database: Database
    queue: JobQueue
    watcher: JobWatcher
    health_check: HealthCheck
    processor: ProcessorThread
    notifier: Notifier
    push_tokens: PushTokens
    token_verifier: TokenVerifier


async def _parts(request: Request) -> Parts:
    return request.app.state.parts


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
