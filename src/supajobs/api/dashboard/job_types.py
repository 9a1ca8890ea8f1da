from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from supajobs.api.dashboard.changes import ChangesDep
from supajobs.api.dashboard.jobs import Text
from supajobs.api.dashboard.session import FROM_THE_PAGE
from supajobs.api.dependencies import PartsDep
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.job_options import Ttl
from supajobs.queue.overview import JobTypeRow

router = APIRouter(prefix="/job-types", route_class=StrictJsonRoute)

MOST = 2**31 - 1  # what the columns hold
NULLABLE = {
    "max_enqueues",
    "enqueue_window_seconds",
    "max_running",
    "starts_per_minute",
    "max_running_per_user",
    "max_running_per_project",
    "max_cost_per_user_month",
}

_Limit = Annotated[int | None, Field(ge=0, le=MOST, strict=True)]
_LimitPerKey = Annotated[int | None, Field(ge=1, le=MOST, strict=True)]


class LimitChanges(BaseModel):
    """What is to be other; null: no limit. What is not given stays. Its bounds are those in SQL."""

    model_config = ConfigDict(extra="forbid")

    is_paused: bool | None = None
    max_retries: Annotated[int | None, Field(ge=0, le=100, strict=True)] = None
    max_crashes: Annotated[int | None, Field(ge=1, le=100, strict=True)] = None
    backoff_base_seconds: Annotated[int | None, Field(ge=0, le=32767, strict=True)] = None
    backoff_cap_seconds: Annotated[int | None, Field(ge=0, le=32767, strict=True)] = None
    lease_seconds: Annotated[int | None, Field(ge=1, le=3600, strict=True)] = None
    max_runtime_seconds: Annotated[int | None, Field(ge=1, le=86400, strict=True)] = None
    ttl_hours: Ttl | None = None
    max_enqueues: _LimitPerKey = None
    enqueue_window_seconds: Annotated[int | None, Field(ge=1, le=3600, strict=True)] = None
    max_running: _Limit = None
    starts_per_minute: _Limit = None
    max_running_per_user: _LimitPerKey = None
    max_running_per_project: _LimitPerKey = None
    max_cost_per_user_month: Annotated[float | None, Field(ge=0, le=1e9)] = None

    @model_validator(mode="after")
    def _keep_what_cannot_be_null(self) -> Self:
        for name in self.model_fields_set - NULLABLE:
            if getattr(self, name) is None:
                raise ValueError(f"{name} has no null")
        return self


@router.patch("/{job_type:path}", dependencies=FROM_THE_PAGE)
async def change_job_type(
    job_type: Text, body: LimitChanges, parts: PartsDep, changes: ChangesDep
) -> JobTypeRow:
    """Pause a job type, let it go on, or change its limits. New jobs are held to most of them."""
    limits = body.model_dump(exclude_unset=True)
    await parts.overview.change_job_type(job_type, limits)
    changes.note("limits", job_type=job_type, limits=limits)
    return await parts.dashboard.get_job_type(job_type)
