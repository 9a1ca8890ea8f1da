"""What a request for a job is answered with: the job, and whether it was there before."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from supajobs.jobs import Job, JobStatus
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Enqueued
from supajobs.queue.requests import JobOptions

Reason = Literal["idempotency_key", "active_job", "replaced"]
Why = Annotated[
    Reason | None,
    Field(
        description="Of an existing job. idempotency_key: a request with this key came before. "
        "active_job: it is on its way, and a user (or a project) has one of its type at a time. "
        "replaced: it has not started, and takes this request in place of the one before."
    ),
]


def explain(enqueued: Enqueued, idempotency_key: str | None) -> Reason | None:
    """Why a request was answered with a job that had been there."""
    job = enqueued.job
    if enqueued.outcome == "created":
        return None
    if enqueued.replaced:
        return "replaced"
    is_same_request = job.idempotency_key == idempotency_key is not None or job.has_ended
    return "idempotency_key" if is_same_request else "active_job"


class FoundOrMade(BaseModel):
    """Whether a request made a job, or found one."""

    existing: Annotated[bool, Field(description="Whether the job was there before the request.")]
    why: Why
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
        options: JobOptions,
    ) -> "RequestedJob":
        """The answer to a request for these params. What is valid stays as it is."""
        job, existing = enqueued.job, enqueued.outcome == "existing"
        differs = {
            "params": existing and job.params != params,
            "run_at": existing and _runs_at_another_time(job, options),
        }
        return cls.model_construct(
            **dict(job),
            existing=existing,
            why=explain(enqueued, options.get("idempotency_key")),
            differs=[name for name, is_other in differs.items() if is_other],
        )


def _runs_at_another_time(job: Job, options: JobOptions) -> bool:
    """Of a job that still waits for its first start, and of which a time was asked for."""
    if job.status != JobStatus.PENDING or job.started_at is not None:
        return False
    if options.get("debounce_seconds") is not None:
        return False
    asked = options.get("run_at")
    return job.run_at > datetime.now(UTC) if asked is None else job.run_at != asked
