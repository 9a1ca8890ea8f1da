"""Following a job as it goes: server-sent events, in FastAPI's own way."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response, status
from fastapi.sse import EventSourceResponse, ServerSentEvent

from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import PartsDep
from supajobs.api.own_jobs import read_job
from supajobs.api.problems import refuses
from supajobs.api.refusals import TooManyWaitingError
from supajobs.api.watcher import JobWatcher
from supajobs.auth import User
from supajobs.errors import JobNotFoundError
from supajobs.jobs import Job

router = APIRouter(prefix="/jobs", tags=["jobs"])

_STREAM: dict[str, Any] = {
    "description": "Events named `job`: the job as it is now, then each later state.",
    "content": {
        "text/event-stream": {
            "itemSchema": {
                "properties": {
                    "data": {
                        "contentMediaType": "application/json",
                        "contentSchema": {"$ref": "#/components/schemas/Job"},
                    }
                },
                "required": ["event", "id", "data"],
            }
        }
    },
}


async def _open_states(
    job_id: UUID,
    user: CurrentUser,
    parts: PartsDep,
    response: Response,
    last_event_id: Annotated[
        str | None,
        Header(description="The id of the last event that you got: it is not sent again."),
    ] = None,
) -> AsyncGenerator[AsyncGenerator[Job]]:
    """The states to send. FastAPI closes them with the request, however it ends."""
    job = await read_job(parts.database, user.access_token, job_id)
    is_seen = job.version == last_event_id
    if is_seen and job.has_ended:
        response.status_code = status.HTTP_204_NO_CONTENT
    response.headers["Cache-Control"] = "no-store"
    states = _follow(parts.watcher, job, user, is_seen=is_seen)
    with parts.watcher.place(user.id):
        async with contextlib.aclosing(states):
            yield states


async def _follow(
    watcher: JobWatcher, job: Job, user: User, *, is_seen: bool
) -> AsyncGenerator[Job]:
    """What the user may still see of the job, from now on, with the token that they sent."""
    ends_at = asyncio.get_running_loop().time()
    ends_at += (user.expires_at - datetime.now(UTC)).total_seconds()
    if not is_seen:
        yield job
    async with contextlib.aclosing(watcher.follow(job)) as states:
        with contextlib.suppress(TimeoutError, StopAsyncIteration):
            while True:
                async with asyncio.timeout_at(ends_at):
                    state = await anext(states)
                yield state


@router.get(
    "/{job_id}/events",
    response_class=EventSourceResponse,
    responses={
        status.HTTP_200_OK: _STREAM,
        status.HTTP_204_NO_CONTENT: {
            "description": "The job has ended, and you have its last state: do not come back."
        },
        **refuses(JobNotFoundError, TooManyWaitingError),
    },
)
async def follow_job(
    states: Annotated[AsyncGenerator[Job], Depends(_open_states)],
) -> AsyncGenerator[ServerSentEvent]:
    """Follow one of your jobs: its state now, and each further one until it has ended.

    The stream also ends with your token, or with the server; come back with `Last-Event-ID`.
    """
    async for job in states:
        yield ServerSentEvent(event="job", id=job.version, data=job)
