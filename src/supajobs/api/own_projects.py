"""What users see of projects: their own, read with their own token, so that RLS decides."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from supajobs.api.pages import Cursor
from supajobs.api.project_bodies import ProgressPoint, ProjectJob
from supajobs.auth import User
from supajobs.handlers.projects import (
    PROJECT_JOB_TYPES,
    Project,
    ProjectChanges,
    ProjectDetails,
    ProjectSkill,
    ProjectTask,
    TaskState,
)
from supajobs.handlers.projects.refusals import ProjectNotFoundError
from supajobs.jobs import Job
from supajobs.queue.database import Database

MAX_PAGE = 100
MAX_TASKS = 1000
MAX_POINTS = 100

Row = TypeVar("Row", bound=BaseModel)


class ProjectFilters(BaseModel):
    """Which page of them to list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    cursor: Annotated[Cursor | None, Field(description="As in the `Link` of a page.")] = None


class TaskFilters(BaseModel):
    """Which tasks to list; all of it has to hold."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[list[TaskState], Field(description="Any of these; may be repeated.")] = []
    limit: Annotated[int, Field(ge=1, le=MAX_TASKS)] = MAX_TASKS
    cursor: Annotated[
        int | None, Field(ge=0, le=2**31 - 1, description="Only those behind this `position`.")
    ] = None


class _Answered(BaseModel):
    """What such a job's result says."""

    commit_id: str | None = None
    changes: ProjectChanges | None = None


async def read_project(database: Database, user: User, project_id: UUID) -> ProjectDetails:
    """The project; somebody else's is as if it did not exist."""
    query = _select(database, user, "plan_projects", ProjectDetails).eq("id", str(project_id))
    found = await database.send(query, TypeAdapter(list[ProjectDetails]))
    if not found:
        raise ProjectNotFoundError
    return found[0]


async def read_projects(database: Database, user: User, filters: ProjectFilters) -> list[Project]:
    """The projects of a page, and one more if there is a next page."""
    query = _select(database, user, "plan_projects", Project)
    if filters.cursor is not None:
        query = query.lt("id", str(filters.cursor))
    query = query.order("id", desc=True).limit(filters.limit + 1)
    return await database.send(query, TypeAdapter(list[Project]))


async def read_tasks(
    database: Database, user: User, project_id: UUID, filters: TaskFilters
) -> list[ProjectTask]:
    """The tasks of a page, and one more if there is a next page."""
    query = _select(database, user, "plan_project_tasks", ProjectTask)
    query = query.eq("project_id", str(project_id))
    if filters.state:
        query = query.in_("state", filters.state)
    if filters.cursor is not None:
        query = query.gt("position", filters.cursor)
    query = query.order("position").limit(filters.limit + 1)
    return await database.send(query, TypeAdapter(list[ProjectTask]))


async def read_skills(database: Database, user: User, project_id: UUID) -> list[ProjectSkill]:
    """All of a project."""
    query = _select(database, user, "plan_project_skills", ProjectSkill)
    query = query.eq("project_id", str(project_id))
    found = await database.send(query, TypeAdapter(list[ProjectSkill]))
    return sorted(found, key=lambda each: (-(each.bytes or 0), -each.confidence, each.name))


async def read_points(database: Database, user: User, project_id: UUID) -> list[ProgressPoint]:
    """How far the plan was at its last readings, the latest first."""
    query = _select(database, user, "plan_project_refreshes", ProgressPoint)
    query = query.eq("project_id", str(project_id)).not_.is_("percentage", "null")
    query = query.order("job_id", desc=True).limit(MAX_POINTS)
    return await database.send(query, TypeAdapter(list[ProgressPoint]))


async def read_project_jobs(
    database: Database, user: User, project_id: UUID, filters: ProjectFilters
) -> list[ProjectJob]:
    """Its jobs of a page, and one more if there is a next page."""
    query = _select(database, user, "plan_generation_jobs", Job)
    query = query.eq("project_id", str(project_id)).in_("job_type", PROJECT_JOB_TYPES)
    if filters.cursor is not None:
        query = query.lt("id", str(filters.cursor))
    query = query.order("id", desc=True).limit(filters.limit + 1)
    return [_tell(job) for job in await database.send(query, TypeAdapter(list[Job]))]


def _tell(job: Job) -> ProjectJob:
    answered = _Answered.model_validate(job.result or {})
    told = {name: getattr(job, name) for name in ProjectJob.model_fields if hasattr(job, name)}
    return ProjectJob(**told, commit_id=answered.commit_id, changes=answered.changes)


def _select(database: Database, user: User, table: str, row: type[BaseModel]) -> Any:
    """The start of a query for the fields of a row."""
    return database.as_user(user.access_token).from_(table).select(",".join(row.model_fields))
