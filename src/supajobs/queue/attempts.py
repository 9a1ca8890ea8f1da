"""The attempts of a job that have ended, as those read them who run the queue."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    BaseModel,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    computed_field,
)

from supajobs.causes import Cause
from supajobs.errors import JobNotFoundError
from supajobs.outcomes import JobError
from supajobs.queue.database import Database

JOBS = "plan_generation_jobs"


def _mend_error(value: Any, read: ValidatorFunctionWrapHandler) -> JobError | None:
    """What somebody wrote by hand need not have a code and a message; it is told all the same."""
    try:
        return read(value)
    except ValidationError:
        return JobError(code="unknown", message=json.dumps(value))


def _mend_cause(value: Any, read: ValidatorFunctionWrapHandler) -> Cause | None:
    """Workers in other languages may tell it in other words."""
    try:
        return read(value)
    except ValidationError:
        return Cause(exception="unknown", message=json.dumps(value))


WrittenError = Annotated[JobError | None, WrapValidator(_mend_error)]


class Attempt(BaseModel):
    """An attempt that has ended; what it cost in dollars, as far as that is known.

    `error` is what the user reads, `cause` what had raised it: no user sees that.
    """

    claim_id: UUID
    worker_id: str
    outcome: str
    error: WrittenError
    cause: Annotated[Cause | None, WrapValidator(_mend_cause)]
    started_at: datetime
    ended_at: datetime
    retry_at: datetime | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None

    @computed_field
    @property
    def duration_ms(self) -> int:
        """From its start to its end."""
        return (self.ended_at - self.started_at) // timedelta(milliseconds=1)

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self.duration_ms / 1000


class _Id(BaseModel):
    id: UUID


_attempts = TypeAdapter(list[Attempt])
_ids = TypeAdapter(list[_Id])


async def read_attempts(database: Database, job_id: UUID) -> list[Attempt]:
    """Those of anybody's job, in their order; of one that is not there, none."""
    query = database.service.from_("plan_job_attempts").select(",".join(Attempt.model_fields))
    return await database.send(query.eq("job_id", str(job_id)).order("started_at"), _attempts)


async def read_attempts_of_job(database: Database, job_id: UUID) -> list[Attempt]:
    """The same, of a job that is there.

    Raises:
        JobNotFoundError: it is not, or no more.
    """
    attempts = await read_attempts(database, job_id)
    if not attempts:
        jobs = database.service.from_(JOBS).select("id").eq("id", str(job_id))
        if not await database.send(jobs, _ids):
            raise JobNotFoundError("There is no such job, or no more.")
    return attempts
