from typing import Literal

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, Field

from supajobs.api.callers import holds_cron_secret
from supajobs.api.dependencies import PartsDep
from supajobs.api.problems import refuses
from supajobs.errors import JobsNotRunningError, SupabaseRefusedError, SupabaseUnavailableError
from supajobs.queue.condition import HealthReason


async def _forbid_storing(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/health", tags=["health"], dependencies=[Depends(_forbid_storing)])


class Health(BaseModel):
    """`ok` or `ready`; everything else is an error."""

    status: Literal["ok", "ready"]


class JobsHealth(BaseModel):
    """In one word whether the queue does its work."""

    status: Literal["healthy", "degraded", "unhealthy"]
    reasons: list[HealthReason] | None = Field(
        default=None, description="The worst first; told to those who send CRON_SECRET."
    )


@router.get("")
async def get_health() -> Health:
    """Whether this process runs."""
    return Health(status="ok")


@router.get("/ready", responses=refuses(SupabaseUnavailableError, JobsNotRunningError))
async def get_readiness(parts: PartsDep) -> Health:
    """Whether this process can work: Supabase takes changes, the migrations are there, jobs run."""
    parts.processor.require_running()
    await parts.queue.heartbeat([])  # which changes nothing, and fails where nothing may be changed
    return Health(status="ready")


@router.get(
    "/jobs",
    response_model_exclude_none=True,
    responses={
        503: {"model": JobsHealth, "description": "The queue does not do its work."},
        **refuses(SupabaseRefusedError),
    },
)
async def get_queue_health(request: Request, parts: PartsDep, response: Response) -> JobsHealth:
    """Whether the queue does its work and, to who sends CRON_SECRET, why not and what to do.

    `degraded` is still 200. The answer is up to two seconds old. That a model provider refuses the
    server's key is told if this process has asked it, not if a worker beside it has.
    """
    health = await parts.health_check.get()
    if health.status == "unhealthy":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    reasons = health.reasons if await holds_cron_secret(request) else None
    return JobsHealth(status=health.status, reasons=reasons)
