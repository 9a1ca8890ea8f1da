from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from supajobs.api.dashboard.answers import PAGE
from supajobs.api.dashboard.changes import ChangesDep
from supajobs.api.dashboard.session import FROM_THE_PAGE
from supajobs.api.dependencies import PartsDep
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.jobs import JobSummary
from supajobs.queue.schedule_rows import read_schedule
from supajobs.schedules import Schedule

router = APIRouter(prefix="/schedules", route_class=StrictJsonRoute)


class SchedulePage(BaseModel):
    """Schedules of all users, newest first."""

    schedules: list[Schedule]
    next: UUID | None


class RequestedNow(BaseModel):
    """The job that was asked for, or the one of its key that is on its way already."""

    outcome: str
    job: JobSummary


class Pause(BaseModel):
    """What a schedule misses in a pause is not caught up with."""

    model_config = ConfigDict(extra="forbid")

    is_paused: bool


# Params may be private.
@router.get("", response_model_exclude={"schedules": {"__all__": {"params"}}})
async def list_schedules(parts: PartsDep, after: UUID | None = None) -> SchedulePage:
    """Recurring jobs of all users."""
    found = await parts.dashboard.list_schedules(after)
    page = found[:PAGE]
    return SchedulePage(schedules=page, next=page[-1].id if len(found) > PAGE else None)


@router.post("/{schedule_id}/run", dependencies=FROM_THE_PAGE)
async def run_schedule(schedule_id: UUID, parts: PartsDep, changes: ChangesDep) -> RequestedNow:
    """Ask for the job of a schedule now, besides its plan."""
    schedule = await read_schedule(parts.database, schedule_id)
    enqueued = await parts.client.enqueue(
        schedule.job_type,
        schedule.params_for_now,
        user_id=schedule.user_id,
        **schedule.options,
    )
    changes.note("run_schedule", schedule_id=str(schedule_id), job_id=str(enqueued.job.id))
    return RequestedNow(outcome=enqueued.outcome, job=enqueued.job)


@router.patch("/{schedule_id}", dependencies=FROM_THE_PAGE, response_model_exclude={"params"})
async def change_schedule(
    schedule_id: UUID, body: Pause, parts: PartsDep, changes: ChangesDep
) -> Schedule:
    """Pause a schedule, or let it go on."""
    schedule = await read_schedule(parts.database, schedule_id)
    changed = await parts.queue.schedules.change(schedule, {"is_paused": body.is_paused})
    what = "pause_schedule" if body.is_paused else "resume_schedule"
    changes.note(what, schedule_id=str(schedule_id))
    return changed
