"""What users see of the queue: their own jobs, read with their own token, so that RLS decides."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from supajobs.api.pages import Cursor
from supajobs.api.times import Timestamp
from supajobs.auth import User
from supajobs.errors import JobNotFoundError
from supajobs.jobs import Job, JobStatus, JobSummary
from supajobs.queue.database import Database

MAX_PAGE = 100


class JobFilters(BaseModel):
    """Which jobs to list; all of it has to hold."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[JobStatus], Field(description="Any of these; may be repeated.")] = []
    job_type: str | None = None
    project_id: UUID | None = None
    since: Annotated[Timestamp | None, Field(description="Created then or later.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    cursor: Annotated[Cursor | None, Field(description="As in the `Link` of a page.")] = None


_jobs = TypeAdapter(list[Job])
_summaries = TypeAdapter(list[JobSummary])


async def read_job(database: Database, access_token: str, job_id: UUID) -> Job:
    """The job; somebody else's is as if it did not exist."""
    found = await database.send(_select(database, access_token, Job).eq("id", str(job_id)), _jobs)
    if not found:
        raise JobNotFoundError
    return found[0]


async def read_active_job(database: Database, user: User, job_type: str) -> Job | None:
    """The newest pending or processing job of a type."""
    query = (
        _select(database, user.access_token, Job)
        .eq("job_type", job_type)
        .in_("status", [JobStatus.PENDING, JobStatus.PROCESSING])
        .order("id", desc=True)
        .limit(1)
    )
    found = await database.send(query, _jobs)
    return found[0] if found else None


async def read_jobs(database: Database, user: User, filters: JobFilters) -> list[JobSummary]:
    """The jobs of a page, and one more if there is a next page."""
    query = _select(database, user.access_token, JobSummary)
    if filters.status:
        query = query.in_("status", filters.status)
    if filters.job_type is not None:
        query = query.eq("job_type", filters.job_type)
    if filters.project_id is not None:
        query = query.eq("project_id", str(filters.project_id))
    if filters.since is not None:
        query = query.gte("created_at", filters.since.isoformat())
    if filters.cursor is not None:
        query = query.lt("id", str(filters.cursor))
    return await database.send(query.order("id", desc=True).limit(filters.limit + 1), _summaries)


def _select(database: Database, access_token: str, job: type[JobSummary]) -> Any:
    """The start of a query for the fields of a job."""
    return (
        database.as_user(access_token)
        .from_("plan_generation_jobs")
        .select(",".join(job.model_fields))
    )
