from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Path, Response, status
from pydantic import BaseModel, Field, JsonValue

from supajobs.api.caching import tag
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import PartsDep
from supajobs.api.problems import refuses
from supajobs.api.schema import carries
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import JobFinishedError, JobNotFoundError, SignalTooLateError
from supajobs.jobs import Job
from supajobs.queue.job_signals import require_told

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=StrictJsonRoute)


class ToldJob(BaseModel):
    """A job, and what it was told."""

    existing: Annotated[
        bool, Field(description="Whether it had been told before: that payload counts.")
    ]
    payload: JsonValue
    job: Job


@router.post(
    "/{job_id}/signals/{name:path}",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {
            "model": ToldJob,
            "description": "It had been told before, and the first payload counts.",
            **carries("ETag"),
        },
        201: carries("ETag"),
        **refuses(JobNotFoundError, JobFinishedError, SignalTooLateError),
    },
)
async def signal_job(  # noqa: PLR0913 - each argument is a part of the request
    job_id: UUID,
    name: Annotated[str, Path(min_length=1, max_length=255, description="What the job waits for.")],
    user: CurrentUser,
    parts: PartsDep,
    response: Response,
    payload: Annotated[
        JsonValue, Body(description="Any JSON of at most 16 kB. Without a body it is null.")
    ] = None,
) -> ToldJob:
    """Tell one of your jobs what it waits for.

    It goes on at once. It may be told before it waits; the first signal of a name counts.
    """
    signalled = await parts.queue.signals.send(job_id, user.id, name, payload)
    job = require_told(signalled)
    parts.wake(job)
    parts.watcher.nudge()
    if signalled.outcome == "existing":
        response.status_code = status.HTTP_200_OK
    response.headers["ETag"] = tag(job)
    return ToldJob(existing=signalled.outcome == "existing", payload=signalled.payload, job=job)
