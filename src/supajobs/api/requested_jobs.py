"""What a request for a job is answered with: the job, and whether it was there before."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from supajobs.jobs import Job, JobStatus
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Enqueued


class FoundOrMade(BaseModel):
    """Whether a request made a job, or found one."""

    existing: Annotated[bool, Field(description="Whether the job was there before the request.")]
    why: Annotated[
        Literal["idempotency_key", "active_job"] | None,
        Field(
            description="Of an existing job. idempotency_key: a request with this key came before. "
            "active_job: it is on its way, and a user (or a project) has one of its type at a time."
        ),
    ]
    differs: Annotated[
        list[Literal["params", "run_at"]],
        Field(description="What of an existing job is other than was asked for now."),
    ]


HOW_FOUND = set(FoundOrMade.model_fields)


class RequestedJob(Job, FoundOrMade):
    """A job that was asked for."""

    @classmethod
    def of(
        cls,
        enqueued: Enqueued,
        *,
        params: JsonObject,
        run_at: datetime | None,
        idempotency_key: str | None,
    ) -> "RequestedJob":
        """The answer to a request for these params at this time. What is valid stays as it is."""
        job, existing = enqueued.job, enqueued.outcome == "existing"
        is_same_request = job.idempotency_key == idempotency_key is not None or job.has_ended
        differs = {
            "params": existing and job.params != params,
            "run_at": existing and _runs_at_another_time(job, run_at),
        }
        return cls.model_construct(
            **dict(job),
            existing=existing,
            why=("idempotency_key" if is_same_request else "active_job") if existing else None,
            differs=[name for name, is_other in differs.items() if is_other],
        )


def _runs_at_another_time(job: Job, asked: datetime | None) -> bool:
    """Of a job that still waits for its first start."""
    if job.status != JobStatus.PENDING or job.started_at is not None:
        return False
    return job.run_at > datetime.now(UTC) if asked is None else job.run_at != asked
