"""What is on record about jobs, read from the tables as the service sees them: everybody's."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from supajobs.cli.asking import OpenProject
from supajobs.cli.job_filters import JobFilters
from supajobs.errors import JobNotFoundError
from supajobs.jobs import JobStatus
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Position
from supajobs.queue.attempts import JOBS, Attempt, read_attempts
from supajobs.queue.database import Database
from supajobs.queue.flows import Flow
from supajobs.queue.job_rows import JobRow, Notification, StepRow


@dataclass(frozen=True)
class JobRecord:
    """All about a job. `contents`: its params and its result, as far as they were asked for.

    `flow`: what it belongs together with, if there is anything.
    """

    job: JobRow
    position: Position | None
    attempts: list[Attempt]
    steps: list[StepRow]
    notifications: list[Notification]
    flow: Flow | None
    contents: JsonObject

    @property
    def document(self) -> dict[str, Any]:
        """The same as one JSON object."""
        expectations = Position.model_fields.keys() - {"status"}
        return {
            **self.job.model_dump(),
            **{name: getattr(self.position, name, None) for name in sorted(expectations)},
            "attempts": [attempt.model_dump() for attempt in self.attempts],
            "steps": [step.model_dump() for step in self.steps],
            "notifications": [each.model_dump() for each in self.notifications],
            "flow": self.flow and self.flow.model_dump(),
            **self.contents,
        }


_rows = TypeAdapter(list[JobRow])
_steps = TypeAdapter(list[StepRow])
_notifications = TypeAdapter(list[Notification])
_contents = TypeAdapter(list[dict[str, JsonValue]])


async def read_jobs(database: Database, filters: JobFilters, limit: int) -> list[JobRow]:
    """The newest jobs that pass the filters, and one more if there are more."""
    query = select_jobs(database)
    if filters.status:
        query = query.in_("status", filters.status)
    if filters.job_type is not None:
        query = query.eq("job_type", filters.job_type)
    if filters.error is not None:
        query = query.eq("error->>code", filters.error)
    if filters.user_id is not None or filters.has_no_user:
        query = _of_owner(query, filters.user_id)
    if filters.project_id is not None:
        query = query.eq("project_id", str(filters.project_id))
    if filters.since is not None:
        # No index is on created_at; but ids are in time order, and theirs ends the search early.
        query = query.gte("id", str(lowest_id(filters.since)))
        query = query.gte("created_at", filters.since.isoformat())
    return await database.send(query.order("id", desc=True).limit(limit + 1), _rows)


async def read_job(database: Database, job_id: UUID) -> JobRow:
    """One job.

    Raises:
        JobNotFoundError: there is none, or no more.
    """
    found = await database.send(select_jobs(database).eq("id", str(job_id)), _rows)
    if not found:
        raise JobNotFoundError(
            f"There is no job {job_id}.",
            hint="Jobs are deleted some time after their end. Is SUPABASE_URL the right project?",
        )
    return found[0]


async def read_record(project: OpenProject, job_id: UUID, contents: Sequence[str]) -> JobRecord:
    """All about a job, and of its `contents` (params, result) what is asked for.

    Raises:
        JobNotFoundError: there is none, or no more.
    """
    job = await read_job(project.database, job_id)
    position, attempts, steps, notifications, flow, found = await asyncio.gather(
        _read_position(project, job),
        read_attempts(project.database, job.id),
        _read_steps(project.database, job),
        _read_notifications(project.database, job),
        _read_flow(project, job),
        _read_contents(project.database, job, contents),
    )
    return JobRecord(job, position, attempts, steps, notifications, flow, found)


def select_jobs(database: Database) -> Any:
    """The start of a query for JobRows."""
    return database.service.from_(JOBS).select(",".join(JobRow.model_fields))


def lowest_id(time: datetime) -> UUID:
    """Of the ids that are made from then on (UUIDv7) none is lower."""
    milliseconds = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return UUID(int=max(0, milliseconds) << 80)


def _of_owner(query: Any, user_id: UUID | None) -> Any:
    return query.is_("user_id", "null") if user_id is None else query.eq("user_id", str(user_id))


async def _read_position(project: OpenProject, job: JobRow) -> Position | None:
    return await project.queue.get_position(job.id) if job.status == JobStatus.PENDING else None


async def _read_flow(project: OpenProject, job: JobRow) -> Flow | None:
    flow = await project.queue.flows.get(job.id, job.user_id)
    return flow if flow and flow.edges else None


async def _read_steps(database: Database, job: JobRow) -> list[StepRow]:
    query = database.service.from_("plan_job_steps").select(",".join(StepRow.model_fields))
    return await database.send(query.eq("job_id", str(job.id)).order("saved_at"), _steps)


async def _read_notifications(database: Database, job: JobRow) -> list[Notification]:
    query = (
        database.service.from_("plan_job_notifications")
        .select(",".join(Notification.model_fields))
        .eq("job_id", str(job.id))
        .order("id")
    )
    # Which has an index, and job_id has none.
    return await database.send(_of_owner(query, job.user_id), _notifications)


async def _read_contents(database: Database, job: JobRow, contents: Sequence[str]) -> JsonObject:
    if not contents:
        return {}
    query = database.service.from_(JOBS).select(",".join(contents)).eq("id", str(job.id))
    found = await database.send(query, _contents)
    return found[0] if found else {}
