from collections.abc import Sequence
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import to_jsonable_python

from supajobs.api.dashboard.changes import ChangesDep
from supajobs.api.dashboard.session import FROM_THE_PAGE
from supajobs.api.dependencies import Parts, PartsDep
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.api.times import Timestamp
from supajobs.errors import JobFinishedError, JobNotFoundError
from supajobs.job_options import HIGHEST
from supajobs.jobs import JobStatus, JobSummary
from supajobs.queue.bulk import DONE, Change, JobFilter
from supajobs.queue.job_rows import read_owners
from supajobs.queue.overview import JobDetails, JobPage

router = APIRouter(prefix="/jobs", route_class=StrictJsonRoute)

UNFINISHED = (JobStatus.PENDING, JobStatus.PROCESSING)
# Of the jobs that a change is for, those that it can do something to.
CHANGEABLE: dict[Change, Sequence[JobStatus]] = {
    "retry": (JobStatus.FAILED,),
    "cancel": UNFINISHED,
    "prioritise": UNFINISHED,
}

Text = Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\\x00]*$")]
Level = Annotated[int, Field(ge=0, le=HIGHEST, strict=True)]


class JobFilters(BaseModel):
    """Which jobs; all of it has to hold."""

    model_config = ConfigDict(extra="forbid")

    status: list[JobStatus] = Field(default=[], max_length=len(JobStatus))
    job_type: Text | None = None
    user_id: UUID | Literal["system"] | None = None
    error: Annotated[Text | None, Field(description="Its code.")] = None
    since: Annotated[Timestamp | None, Field(description="Requested then or later.")] = None

    def describe(self) -> JobFilter:
        """The same as the queue has it."""
        said: JobFilter = {}
        if self.status:
            said["status"] = self.status
        if self.job_type is not None:
            said["job_type"] = self.job_type
        if self.error is not None:
            said["error"] = self.error
        if self.user_id is not None:
            said["user_id"] = None if self.user_id == "system" else self.user_id
        if self.since is not None:
            said["since"] = self.since
        return said


class JobListFilters(JobFilters):
    """And after which job of the page before."""

    after: UUID | None = None


class Prioritise(BaseModel):
    """Between 0, the lowest, and 10."""

    model_config = ConfigDict(extra="forbid")

    priority: Level


Wish = Literal["retry", "cancel"] | Prioritise


class CountRequest(BaseModel):
    """Which jobs and, where that is known, what is to be done to them."""

    model_config = ConfigDict(extra="forbid")

    filter: JobFilters
    change: Wish | None = None


class ChangeRequest(BaseModel):
    """`after`: the `next` of the answer before, to go on."""

    model_config = ConfigDict(extra="forbid")

    filter: JobFilters
    change: Wish
    after: UUID | None = None

    @model_validator(mode="after")
    def _require_a_filter(self) -> Self:
        if not self.filter.describe():
            raise ValueError("Say of which jobs: by status, job_type, user_id, error or since")
        return self


def _name(wish: Wish) -> Change:
    return wish if isinstance(wish, str) else "prioritise"


def _choose(filters: JobFilters, wish: Wish | None) -> JobFilter:
    """Those that it can do something to, unless it is said of which status."""
    jobs = filters.describe()
    if wish and "status" not in jobs:
        jobs["status"] = CHANGEABLE[_name(wish)]
    return jobs


class Counted(BaseModel):
    """`capped`: there may be more than were counted."""

    count: int
    capped: bool


class Changed(BaseModel):
    """What became of the jobs of a step; `changed`: how many are as they were wished for."""

    changed: int
    outcomes: dict[str, int]
    has_more: bool
    next: UUID | None


@router.get("")
async def list_jobs(filters: Annotated[JobListFilters, Query()], parts: PartsDep) -> JobPage:
    """Jobs of all users, newest first."""
    return await parts.dashboard.find_jobs(filters.describe(), filters.after)


@router.post("/count", dependencies=FROM_THE_PAGE)
async def count_jobs(body: CountRequest, parts: PartsDep) -> Counted:
    """How many jobs there are of these, of the newest 20,000 that may be."""
    counted = await parts.overview.count_jobs(_choose(body.filter, body.change))
    return Counted(count=counted.jobs, capped=counted.capped)


@router.post("/change", dependencies=FROM_THE_PAGE)
async def change_jobs(body: ChangeRequest, parts: PartsDep, changes: ChangesDep) -> Changed:
    """Retry, cancel or prioritise some hundred of these jobs: to be asked until there are no more.

    Each is changed as if it were alone: the limits of its user hold.
    """
    priority = body.change.priority if isinstance(body.change, Prioritise) else None
    jobs = _choose(body.filter, body.change)
    done = await parts.queue.bulk.step(
        _name(body.change), jobs, priority=priority, after=body.after
    )
    which = to_jsonable_python(jobs)
    changes.note(f"{_name(body.change)}_jobs", jobs=which, outcomes=done.outcomes)
    return Changed(
        changed=sum(number for outcome, number in done.outcomes.items() if outcome in DONE),
        outcomes=done.outcomes,
        has_more=not done.is_done,
        next=None if done.is_done else done.last_id,
    )


@router.get("/{job_id}")
async def get_job(job_id: UUID, parts: PartsDep) -> JobDetails:
    """All that is known of anybody's job, but for params and results, which may be private."""
    return await parts.dashboard.describe_job(job_id)


@router.post("/{job_id}/cancel", dependencies=FROM_THE_PAGE)
async def cancel_job(job_id: UUID, parts: PartsDep, changes: ChangesDep) -> JobSummary:
    """Cancel a job in the name of its user."""
    job = await parts.client.cancel(job_id, user_id=await _find_owner(parts, job_id))
    changes.note("cancel", job_id=str(job_id))
    return job


@router.post("/{job_id}/retry", dependencies=FROM_THE_PAGE)
async def retry_job(job_id: UUID, parts: PartsDep, changes: ChangesDep) -> JobSummary:
    """Run a failed or cancelled job again, in the name of its user, whose limits hold."""
    job = await parts.client.retry(job_id, user_id=await _find_owner(parts, job_id))
    changes.note("retry", job_id=str(job_id))
    return job


@router.put("/{job_id}/priority", dependencies=FROM_THE_PAGE)
async def prioritise_job(
    job_id: UUID, body: Prioritise, parts: PartsDep, changes: ChangesDep
) -> JobSummary:
    """Have a job come earlier, or later."""
    done = await parts.queue.bulk.prioritise(job_id, body.priority)
    if done.job is None:
        raise JobNotFoundError(NOT_FOUND)
    if done.outcome == "finished":
        raise JobFinishedError("The job has ended; its priority says nothing any more.")
    changes.note("prioritise", job_id=str(job_id), priority=body.priority)
    return done.job


NOT_FOUND = "There is no such job, or no more."


async def _find_owner(parts: Parts, job_id: UUID) -> UUID | None:
    owners = await read_owners(parts.database, [job_id])
    if job_id not in owners:
        raise JobNotFoundError(NOT_FOUND)
    return owners[job_id]
