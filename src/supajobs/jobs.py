"""Jobs, in the words of the tables."""

import json
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, computed_field

from supajobs.outcomes import JobError, JsonObject


class JobStatus(StrEnum):
    """pending → processing → completed | failed | cancelled.

    As in SQL and JSON, a string::

        is_ready = job.status == JobStatus.COMPLETED
    """

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Progress(BaseModel):
    """How far a running job is.

    A handler tells it as it goes::

        job.report(Progress(phase="writing", percentage=50, message="Chapter 2 of 4"))
    """

    phase: str
    percentage: Annotated[int, Field(ge=0, le=100)]
    message: str


class JobSummary(BaseModel):
    """What lists tell of a job."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    user_id: Annotated[
        UUID | None, Field(description="Null: a job of the system, which no user sees.")
    ]
    job_type: str
    status: JobStatus
    priority: int
    progress: Progress | None
    error: JobError | None
    plan_id: UUID | None
    project_id: UUID | None
    idempotency_key: str | None
    trace_id: str | None
    run_at: datetime
    waiting_for: Annotated[
        str | None,
        Field(
            description="The name of the sleep or signal that it waits for, until `run_at` at most."
        ),
    ] = None
    retry_count: int
    max_retries: int
    cancel_requested_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    updated_at: datetime
    is_held: Annotated[
        bool, Field(description="It waits for others to end: its parents, or yours of its type.")
    ] = False

    @computed_field
    @property
    def job_id(self) -> UUID:
        """The same as `id`, for clients that know it by this name."""
        return self.id

    @computed_field
    @property
    def duration_ms(self) -> int | None:
        """From the latest start to the end; null before the end, or if it never started."""
        if self.started_at is None or self.completed_at is None:
            return None
        return (self.completed_at - self.started_at) // timedelta(milliseconds=1)

    @property
    def has_ended(self) -> bool:
        """Whether it is completed, failed or cancelled."""
        return self.completed_at is not None


class Job(JobSummary):
    """A job as its owner sees it.

    Who asks for one has it in the answer::

        job = (await jobs.enqueue(story, StoryRequest(hero="Fox"), user_id=user_id)).job
        print(job.id, job.status)
    """

    params: JsonObject
    result: JsonValue

    @cached_property
    def version(self) -> str:
        """Differs whenever its owner would see a difference: `updated_at` alone is none."""
        visible = self.model_dump_json(include=Job.model_fields.keys() - {"updated_at"})
        same = json.loads(visible, parse_int=_read_number, parse_float=_read_number)
        return blake2b(json.dumps(same).encode(), digest_size=8).hexdigest()


def _read_number(written: str) -> float:
    """The number in one form: 1.0 and 1 are the same, and each way to read a job has its own."""
    number = float(written)
    return int(number) if number.is_integer() else number


class Origin(BaseModel):
    """The last run of a parent: where the span of a child leads back to."""

    model_config = ConfigDict(frozen=True)

    job_id: UUID
    claim_id: UUID
    trace_id: str


class ClaimedJob(BaseModel):
    """A job as the worker holds it, until its lease ends."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    user_id: UUID | None
    job_type: str
    params: JsonObject
    project_id: UUID | None
    trace_id: str | None
    claim_id: UUID
    retry_count: int
    max_retries: int
    crash_count: int
    lease_seconds: int
    max_runtime_seconds: int
    created_at: datetime
    started_at: datetime
    has_ties: bool = False


class Parent(BaseModel):
    """A job that another one has waited for.

    A handler reads them by the names that the request had for them::

        outline = (await job.parents())["outline"].result

    Of one that was deleted since, `status` is how it had ended, or `deleted`; it has no result.
    """

    ref: str
    job_id: UUID
    job_type: str | None
    status: JobStatus | Literal["deleted"]
    result: JsonValue
    error: JobError | None
