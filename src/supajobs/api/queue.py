import time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, ConfigDict, Field

from supajobs.api.callers import require_cron_secret, require_operator
from supajobs.api.dependencies import PartsDep
from supajobs.api.problems import refuses
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import JobNotFoundError, JobsNotRunningError, SupabaseUnavailableError
from supajobs.queue.attempts import Attempt, read_attempts_of_job
from supajobs.queue.condition import QueueDescription
from supajobs.queue.scale import QueueScale, read_scale
from supajobs.worker.broadcasts import LOOK_AGAIN_SECONDS

router = APIRouter(prefix="/queue", tags=["queue"], route_class=StrictJsonRoute)


class ProcessRequest(BaseModel):
    """How the trigger wants to be answered."""

    model_config = ConfigDict(extra="forbid")

    time_budget_seconds: Annotated[
        float | None,
        Field(
            gt=0,
            le=900,
            strict=True,
            description="Work for at most this long and answer with the counts, instead of 202.",
        ),
    ] = None


class Processed(BaseModel):
    """How many jobs ended which way; null while the work goes on in the background."""

    settled: dict[str, int] | None


@router.get(
    "",
    dependencies=[Depends(require_operator)],
    responses=refuses(SupabaseUnavailableError),
)
async def describe_queue(parts: PartsDep) -> QueueDescription:
    """What waits, runs and has lately ended, by job type and in total. For operators."""
    return await parts.queue.describe()


@router.get(
    "/scale",
    dependencies=[Depends(require_cron_secret)],
    responses=refuses(SupabaseUnavailableError),
)
async def scale_queue(
    parts: PartsDep,
    jobs_per_worker: Annotated[
        int | None,
        Query(ge=1, le=1000, description="As many as each runs; by default WORKER_CONCURRENCY."),
    ] = None,
) -> QueueScale:
    """How many workers the backlog wants, by job type and in total, for what starts them."""
    concurrency = jobs_per_worker or parts.settings.worker_concurrency
    return await read_scale(parts.database, concurrency)


class Attempts(BaseModel):
    """Those of one job, in their order."""

    attempts: list[Attempt]


@router.get(
    "/jobs/{job_id}/attempts",
    dependencies=[Depends(require_operator)],
    responses=refuses(JobNotFoundError, SupabaseUnavailableError),
)
async def list_attempts(job_id: UUID, parts: PartsDep) -> Attempts:
    """How the attempts of anybody's job have ended, and what raised their errors. For operators."""
    return Attempts(attempts=await read_attempts_of_job(parts.database, job_id))


@router.post(
    "/process",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(require_cron_secret)],
    responses={
        200: {"model": Processed, "description": "The work is done, or its time is spent."},
        **refuses(SupabaseUnavailableError, JobsNotRunningError),
    },
)
async def process_queue(
    parts: PartsDep,
    response: Response,
    body: ProcessRequest | None = None,
) -> Processed:
    """Run the jobs that are due. 202: at once, in the background. 200: done, with counts.

    pg_net sends a batch of requests in one transaction, so its answer must not wait for the work.
    """
    parts.processor.require_running()
    if body is None or body.time_budget_seconds is None:
        parts.processor.wake(again_in=LOOK_AGAIN_SECONDS)
        parts.notifier.wake()
        return Processed(settled=None)
    ends_at = time.monotonic() + body.time_budget_seconds
    settled = await parts.processor.drain(time_budget=body.time_budget_seconds)
    await parts.notifier.deliver(within=ends_at - time.monotonic())
    response.status_code = status.HTTP_200_OK
    return Processed(settled=settled)
