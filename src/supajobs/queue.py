"""The queue's SQL functions as Python methods: one each, typed in and out, and nothing more.

Every rule lives in SQL (supabase/migrations). Nothing else in the package calls these functions.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, JsonValue, TypeAdapter

from supajobs.database import UNTRANSLATABLE_CHARACTER, Database, send
from supajobs.errors import (
    EnqueueRateLimitedError,
    IdempotencyConflictError,
    InvalidRequestError,
    SupabaseRefusedError,
)
from supajobs.jobs import ClaimedJob, Job, JobError, JsonObject, Progress
from supajobs.outcomes import Usage

CLAIM_PATIENCE = 5.0  # s; a worker with nothing to lose may ask again later
HEARTBEAT_PATIENCE = 1.0  # s; the next one is near


class Enqueued(BaseModel):
    """`existing`: the same request came before, or an active job holds the dedupe key."""

    outcome: Literal["created", "existing"]
    job: Job


class SettleOutcome(StrEnum):
    """How a claim ended. STALE: it no longer held, and nothing was changed."""

    COMPLETED = "completed"
    RETRYING = "retrying"
    FAILED = "failed"
    RELEASED = "released"
    CANCELLED = "cancelled"
    STALE = "stale"


class Settled(BaseModel):
    """The answer to a settle; `run_at` with RETRYING."""

    outcome: SettleOutcome
    run_at: AwareDatetime | None = None


class Beat(BaseModel):
    """One job's part of a heartbeat."""

    job_id: UUID
    claim_id: UUID
    progress: Progress | None = None


class Pulse(BaseModel):
    """What the queue says to one job's heartbeat."""

    job_id: UUID
    outcome: Literal["held", "lost", "cancelled"]
    cancel_requested: bool
    deadline: AwareDatetime | None


class Cancelled(BaseModel):
    """`requested`: the job runs, and its worker hears of it with the next heartbeat."""

    outcome: Literal["cancelled", "requested", "finished", "not_found"]
    job: Job | None = None


class Retried(BaseModel):
    """`existing`: a newer active job holds the dedupe key, and is the one returned."""

    outcome: Literal["retried", "existing", "not_finished", "not_found"]
    job: Job | None = None


_claimed_jobs = TypeAdapter(list[ClaimedJob])
_pulses = TypeAdapter(list[Pulse])


class JobQueue:
    """The queue of one Supabase project.

    Calls are repeated for up to `patience` seconds (claims and heartbeats for less) while the
    project does not answer; the functions are made so that a repeated call does nothing twice.
    """

    def __init__(self, database: Database, *, patience: float) -> None:
        self._database = database
        self._patience = patience

    async def enqueue(  # noqa: PLR0913 - one argument per column that a request may set
        self,
        *,
        user_id: UUID,
        job_type: str,
        params: JsonObject,
        priority: int = 5,
        run_at: datetime | None = None,
        idempotency_key: str | None = None,
        project_id: UUID | None = None,
        ttl_hours: int | None = None,
        trace_id: str | None = None,
    ) -> Enqueued:
        """Requests a job.

        Raises:
            EnqueueRateLimitedError: the user may not have one more of this type yet.
            IdempotencyConflictError: the key was used for another request.
            InvalidRequestError: the params hold text that Postgres cannot.
            UnknownJobTypeError: plan_job_types has no such type.
            UserGoneError: auth.users has no such user.
        """
        # A caller without a key still gets one: it makes repeated calls harmless.
        key = idempotency_key or str(uuid4())
        try:
            answer = await self._call(
                "enqueue_plan_job",
                p_user_id=user_id,
                p_job_type=job_type,
                p_params=params,
                p_priority=priority,
                p_run_at=run_at,
                p_idempotency_key=key,
                p_project_id=project_id,
                p_ttl_hours=ttl_hours,
                p_trace_id=trace_id,
            )
        except SupabaseRefusedError as error:
            if error.sqlstate != UNTRANSLATABLE_CHARACTER:
                raise
            message = "text must be Unicode without the character U+0000"
            raise InvalidRequestError([{"loc": ("params",), "msg": message}]) from error
        match answer["outcome"]:
            case "conflict":
                raise IdempotencyConflictError
            case "rate_limited":
                raise EnqueueRateLimitedError(answer["retry_after"])
            case _:
                pass
        enqueued = Enqueued.model_validate(answer)
        if idempotency_key is None and enqueued.job.idempotency_key == key:
            # Existing or not: if our own key found it, it was this call that created it.
            return Enqueued(outcome="created", job=enqueued.job)
        return enqueued

    async def claim(
        self, *, claim_id: UUID, worker_id: str, max_jobs: int, job_types: Sequence[str]
    ) -> list[ClaimedJob]:
        """Takes up to `max_jobs` due jobs of these types."""
        answer = await self._call(
            "claim_plan_jobs",
            patience=CLAIM_PATIENCE,
            p_claim_id=claim_id,
            p_worker_id=worker_id,
            p_max_jobs=max_jobs,
            p_job_types=list(job_types),
        )
        return _claimed_jobs.validate_python(answer)

    async def heartbeat(self, beats: Sequence[Beat]) -> list[Pulse]:
        """Extends leases, carries progress up and cancellations down."""
        answer = await self._call(
            "heartbeat_plan_jobs",
            patience=HEARTBEAT_PATIENCE,
            p_jobs=[beat.model_dump() for beat in beats],
        )
        return _pulses.validate_python(answer)

    async def complete(
        self,
        job: ClaimedJob,
        *,
        result: JsonValue = None,
        plan: JsonObject | None = None,
        usage: Usage | None = None,
    ) -> Settled:
        """Ends a job well and stores its plan, in one transaction."""
        answer = await self._call(
            "complete_plan_job",
            p_job_id=job.id,
            p_claim_id=job.claim_id,
            p_result=result,
            p_plan=plan,
            p_usage=usage and usage.model_dump(),
        )
        return Settled.model_validate(answer)

    async def fail(
        self,
        job: ClaimedJob,
        error: JobError,
        *,
        retryable: bool,
        retry_after: float | None = None,
        usage: Usage | None = None,
    ) -> Settled:
        """Ends an attempt badly: a later retry, or the job has failed."""
        answer = await self._call(
            "fail_plan_job",
            p_job_id=job.id,
            p_claim_id=job.claim_id,
            p_error=error.model_dump(),
            p_retryable=retryable,
            p_retry_after=retry_after,
            p_usage=usage and usage.model_dump(),
        )
        return Settled.model_validate(answer)

    async def release(self, job: ClaimedJob) -> Settled:
        """Gives a job back, unburned; one whose cancellation was asked for ends cancelled."""
        answer = await self._call("release_plan_job", p_job_id=job.id, p_claim_id=job.claim_id)
        return Settled.model_validate(answer)

    async def cancel(self, job_id: UUID, user_id: UUID) -> Cancelled:
        """Cancels a user's job: a pending one at once, a running one through its heartbeat."""
        answer = await self._call("cancel_plan_job", p_job_id=job_id, p_user_id=user_id)
        return Cancelled.model_validate(answer)

    async def retry(self, job_id: UUID, user_id: UUID) -> Retried:
        """Runs a user's failed or cancelled job again."""
        answer = await self._call("retry_plan_job", p_job_id=job_id, p_user_id=user_id)
        return Retried.model_validate(answer)

    async def get_active(self, user_id: UUID, job_type: str) -> Job | None:
        """The user's pending or processing job of a type."""
        answer = await self._call("get_active_plan_job", p_user_id=user_id, p_job_type=job_type)
        return answer and Job.model_validate(answer)

    async def cleanup(self, *, max_rows: int = 1000) -> int:
        """Deletes finished jobs past their time to live; returns how many."""
        answer = await self._call("cleanup_expired_plan_jobs", p_max_rows=max_rows)
        return answer["deleted"]

    async def _call(self, function: str, *, patience: float | None = None, **params: Any) -> Any:
        query = self._database.service.rpc(function, _json.dump_python(params, mode="json"))
        return await send(query, patience=patience or self._patience)


_json = TypeAdapter(dict[str, Any])
