"""Jobs and what belongs to them, as those read them who run the queue: everybody's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BaseModel,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from supajobs.jobs import JobSummary, Progress
from supajobs.queue.attempts import JOBS, WrittenError
from supajobs.queue.database import Database


def _drop_progress(value: Any, read: ValidatorFunctionWrapHandler) -> Progress | None:
    try:
        return read(value)
    except ValidationError:
        return None


class JobRow(JobSummary):
    """A job with what its owner does not see; without params and result, which may be private."""

    progress: Annotated[Progress | None, WrapValidator(_drop_progress)]
    error: WrittenError
    crash_count: int
    max_crashes: int
    worker_id: str | None
    lease_expires_at: datetime | None


class StepRow(BaseModel):
    """A finished step, without its output."""

    name: str
    saved_at: datetime
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None


class Delivery(BaseModel):
    """A notification on its way to one receiver."""

    channel: str
    status: str
    attempts: int
    run_at: datetime | None
    tried_at: datetime | None
    ended_at: datetime | None
    error: str | None


class Notification(BaseModel):
    """An end of a job that its user is told of."""

    id: UUID
    event: str
    occurred_at: datetime
    addressed_at: datetime | None
    deliveries: list[Delivery]


class _Owned(BaseModel):
    id: UUID
    user_id: UUID | None


_owned = TypeAdapter(list[_Owned])


async def read_owners(database: Database, job_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Whose jobs these are; those that are not there are left out."""
    query = database.service.from_(JOBS).select("id,user_id")
    found = await database.send(query.in_("id", [str(each) for each in job_ids]), _owned)
    return {owned.id: owned.user_id for owned in found}
