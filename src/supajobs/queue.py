"""The queue's SQL functions as Python methods: one each, typed in and out, and nothing more.

Every rule lives in SQL (supabase/schemas). Nothing else in the package calls these functions.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID, uuid4

from pydantic import (
    AwareDatetime,
    BaseModel,
    Field,
    JsonValue,
    OnErrorOmit,
    SecretStr,
    TypeAdapter,
)

from supajobs.database import UNTRANSLATABLE_CHARACTER, Database
from supajobs.errors import (
    EnqueueRateLimitedError,
    IdempotencyConflictError,
    InvalidRequestError,
    MonthlyCostReachedError,
    SupabaseRefusedError,
    SupajobsError,
)
from supajobs.jobs import ClaimedJob, Job, JobStatus, Priority, Progress
from supajobs.models.provider_keys import ProviderKeys
from supajobs.outcomes import Completed, Failed, JsonObject, PermanentError, Released, Usage
from supajobs.queue_state import QueueDescription, QueueHealth
from supajobs.telemetry.metrics import Metrics

CLAIM_PATIENCE = 5.0  # s; a worker with nothing to lose may ask again later
HEARTBEAT_PATIENCE = 5.0  # s; the next one is near
WATCH_PATIENCE = 1.0  # s; so is the next look
NOTE_PATIENCE = 5.0  # s; a processor that is not noted works all the same
FORGET_PATIENCE = 1.0  # s; a stop does not wait for it
MAX_CLAIM = 1000  # jobs in one claim, as claim_plan_jobs allows

Answer = TypeVar("Answer")


class ClaimLostError(Exception):
    """The job is no longer ours: its lease ran out, or it has ended."""


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

    job_id: UUID
    claim_id: UUID
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

    outcome: Literal["retried", "existing", "not_finished", "provider_key_required", "not_found"]
    job: Job | None = None


class Position(BaseModel):
    """Where a job stands; the durations in seconds, from the latest attempts of its type.

    `position_in_queue`: 1 is the next of its type to start. None unless it waits and is due.
    """

    status: JobStatus
    position_in_queue: int | None
    estimated_duration: float | None
    estimated_duration_p90: float | None
    estimated_completion_at: AwareDatetime | None


class FoundJob(BaseModel):
    """A job and, while it is pending, where it stands; neither if the user has no such job."""

    job: Job | None
    position: Position | None


class Changes(BaseModel):
    """What became of jobs since somebody looked: those that changed, and the ids of deleted ones.

    A row that somebody spoiled by hand is left out, so that it spoils the look at no other.
    """

    jobs: list[OnErrorOmit[Job]]
    gone: list[UUID]


class _Conflict(BaseModel):
    outcome: Literal["conflict"]


class _RateLimited(BaseModel):
    outcome: Literal["rate_limited"]
    retry_after: int


class _CostLimited(BaseModel):
    outcome: Literal["cost_limited"]
    retry_after: int


class _Cleaned(BaseModel):
    deleted: int


class _Noted(BaseModel):
    outcome: Literal["noted", "forgotten"]


class _FoundSteps(BaseModel):
    outcome: Literal["found", "stale"]
    steps: dict[str, JsonValue] | None = None


class _SavedStep(BaseModel):
    outcome: Literal["saved", "stale"]


class _FoundKey(BaseModel):
    outcome: Literal["found", "none", "gone", "stale"]
    ciphertext: str | None = None


_enqueued = TypeAdapter[Enqueued | _Conflict | _RateLimited | _CostLimited](
    Annotated[Enqueued | _Conflict | _RateLimited | _CostLimited, Field(discriminator="outcome")]
)
_claimed_jobs = TypeAdapter(list[ClaimedJob])
_pulses = TypeAdapter(list[Pulse])
_settled = TypeAdapter(list[Settled])
_cancelled = TypeAdapter(Cancelled)
_retried = TypeAdapter(Retried)
_job = TypeAdapter[Job | None](Job | None)
_changes = TypeAdapter(Changes)
_found_job = TypeAdapter(FoundJob)
_position = TypeAdapter[Position | None](Position | None)
_description = TypeAdapter(QueueDescription)
_health = TypeAdapter(QueueHealth)
_cleaned = TypeAdapter(_Cleaned)
_noted = TypeAdapter(_Noted)
_found_steps = TypeAdapter(_FoundSteps)
_saved_step = TypeAdapter(_SavedStep)
_found_key = TypeAdapter(_FoundKey)


class JobQueue:
    """The queue of one Supabase project.

    Calls are repeated for the patience of the database (claims and heartbeats for less) while the
    project does not answer; the functions are made so that a repeated call does nothing twice.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics | None = None,
        provider_keys: ProviderKeys | None = None,
    ) -> None:
        self._database = database
        self._metrics = metrics or Metrics()
        self._provider_keys = provider_keys or ProviderKeys(None)

    async def enqueue(  # noqa: PLR0913 - one argument per column that a request may set
        self,
        *,
        user_id: UUID,
        job_type: str,
        params: JsonObject,
        priority: int = Priority.NORMAL,
        run_at: datetime | None = None,
        idempotency_key: str | None = None,
        project_id: UUID | None = None,
        ttl_hours: int | None = None,
        trace_id: str | None = None,
        provider_key: SecretStr | None = None,
    ) -> Enqueued:
        """Requests a job.

        It is kept for `ttl_hours` (1 to 168) after its end. `provider_key` is the user's own, for
        this job alone; a job that exists keeps the one it has.

        Raises:
            EnqueueRateLimitedError: the user may not have one more of this type yet.
            IdempotencyConflictError: the key was used for another request.
            InvalidRequestError: the params hold text that Postgres cannot.
            MonthlyCostReachedError: the user's budget for this type is spent.
            ProviderKeyNotAllowedError: jobs of this type take no key of the user's.
            ProviderKeysNotOfferedError: this server has nothing to encrypt it with.
            UnknownJobTypeError: plan_job_types has no such type.
            UserGoneError: auth.users has no such user.
        """
        # A caller without a key still gets one: it makes repeated calls harmless.
        key = idempotency_key or str(uuid4())
        try:
            answer = await self._call(
                "enqueue_plan_job",
                _enqueued,
                p_user_id=user_id,
                p_job_type=job_type,
                p_params=params,
                p_priority=priority,
                p_run_at=run_at,
                p_idempotency_key=key,
                p_project_id=project_id,
                p_ttl_hours=ttl_hours,
                p_trace_id=trace_id,
                p_provider_key=self._encrypt(provider_key),
            )
        except SupabaseRefusedError as error:
            if error.sqlstate != UNTRANSLATABLE_CHARACTER:
                raise
            message = "text must be Unicode without the character U+0000"
            raise InvalidRequestError([{"loc": ("params",), "msg": message}]) from error
        if answer.outcome == "existing" and key == answer.job.idempotency_key != idempotency_key:
            # What our own key found, this call had created.
            answer = Enqueued(outcome="created", job=answer.job)
        self._metrics.enqueued(job_type, answer.outcome).inc()
        match answer:
            case _Conflict():
                raise IdempotencyConflictError
            case _RateLimited(retry_after=retry_after):
                raise EnqueueRateLimitedError(retry_after)
            case _CostLimited(retry_after=retry_after):
                raise MonthlyCostReachedError(retry_after)
            case Enqueued():
                return answer

    async def claim(
        self, *, claim_id: UUID, worker_id: str, max_jobs: int, job_types: Sequence[str]
    ) -> list[ClaimedJob]:
        """Takes up to `max_jobs` due jobs of these types."""
        return await self._call(
            "claim_plan_jobs",
            _claimed_jobs,
            patience=CLAIM_PATIENCE,
            p_claim_id=claim_id,
            p_worker_id=worker_id,
            p_max_jobs=max_jobs,
            p_job_types=list(job_types),
        )

    async def heartbeat(self, beats: Sequence[Beat]) -> list[Pulse]:
        """Extends leases, carries progress up and cancellations down."""
        return await self._call(
            "heartbeat_plan_jobs",
            _pulses,
            patience=HEARTBEAT_PATIENCE,
            p_jobs=[beat.model_dump() for beat in beats],
        )

    async def complete(self, ended: Sequence[tuple[ClaimedJob, Completed]]) -> list[Settled]:
        """Ends jobs well and stores their plans, in one transaction."""
        entries = [
            {
                "job_id": job.id,
                "claim_id": job.claim_id,
                "result": completed.result,
                "plan": completed.plan,
                "usage": completed.usage,
            }
            for job, completed in ended
        ]
        return await self._settle("complete_plan_jobs", entries)

    async def fail(self, ended: Sequence[tuple[ClaimedJob, Failed]]) -> list[Settled]:
        """Ends attempts badly: each job has a later retry, or has failed."""
        entries = [
            {
                "job_id": job.id,
                "claim_id": job.claim_id,
                "error": failed.error,
                "retryable": failed.retryable,
                "retry_after": failed.retry_after,
                "usage": failed.usage,
            }
            for job, failed in ended
        ]
        return await self._settle("fail_plan_jobs", entries)

    async def release(self, ended: Sequence[tuple[ClaimedJob, Released]]) -> list[Settled]:
        """Gives jobs back, unburned; those whose cancellation was asked for end cancelled."""
        entries = [
            {"job_id": job.id, "claim_id": job.claim_id, "usage": released.usage}
            for job, released in ended
        ]
        return await self._settle("release_plan_jobs", entries)

    async def get_steps(self, job: ClaimedJob) -> dict[str, JsonValue] | None:
        """The outputs of a job's finished steps, by name; None: the claim no longer holds."""
        found = await self._call(
            "get_plan_job_steps", _found_steps, p_job_id=job.id, p_claim_id=job.claim_id
        )
        return found.steps

    async def save_step(
        self, job: ClaimedJob, name: str, output: JsonValue, usage: Usage | None
    ) -> bool:
        """Keeps the output of a finished step and what it cost; False: the claim no longer holds.

        Raises:
            SupabaseRefusedError: the output cannot be stored.
        """
        saved = await self._call(
            "save_plan_job_step",
            _saved_step,
            p_job_id=job.id,
            p_claim_id=job.claim_id,
            p_name=name,
            p_output=output,
            p_usage=usage,
        )
        return saved.outcome == "saved"

    async def get_provider_key(self, job: ClaimedJob) -> SecretStr | None:
        """The key for the model's provider that this job brought; None if it brought none.

        A job that brought its own must not run on another.

        Raises:
            ClaimLostError: the job is no longer ours.
            PermanentError: the key was erased.
            UnreadableKeyError: this process cannot decrypt it, though another one may.
        """
        found = await self._call(
            "get_plan_job_key", _found_key, p_job_id=job.id, p_claim_id=job.claim_id
        )
        match found:
            case _FoundKey(ciphertext=str(ciphertext)):
                return self._provider_keys.decrypt(ciphertext)
            case _FoundKey(outcome="none"):
                return None
            case _FoundKey(outcome="stale"):
                raise ClaimLostError
            case _:
                raise PermanentError(
                    "The provider key that came with this job was erased; send it again.",
                    code="provider_key_gone",
                )

    async def cancel(self, job_id: UUID, user_id: UUID) -> Cancelled:
        """Cancels a user's job: a pending one at once, a running one through its heartbeat."""
        return await self._call("cancel_plan_job", _cancelled, p_job_id=job_id, p_user_id=user_id)

    async def retry(
        self, job_id: UUID, user_id: UUID, provider_key: SecretStr | None = None
    ) -> Retried:
        """Runs a user's failed or cancelled job again.

        One that had brought a provider key needs it again, for it was erased at the end.

        Raises:
            ProviderKeyNotAllowedError: jobs of this type take no key of the user's.
            ProviderKeysNotOfferedError: this server has nothing to encrypt it with.
        """
        return await self._call(
            "retry_plan_job",
            _retried,
            p_job_id=job_id,
            p_user_id=user_id,
            p_provider_key=self._encrypt(provider_key),
        )

    async def get_active(self, user_id: UUID, job_type: str) -> Job | None:
        """The user's pending or processing job of a type."""
        return await self._call("get_active_plan_job", _job, p_user_id=user_id, p_job_type=job_type)

    async def get_changed(self, seen: Mapping[UUID, datetime]) -> Changes:
        """Those of these jobs whose `updated_at` is no longer what was seen."""
        return await self._call(
            "get_changed_plan_jobs", _changes, patience=WATCH_PATIENCE, p_seen=seen
        )

    async def get(self, job_id: UUID, user_id: UUID) -> FoundJob:
        """A user's job; somebody else's is as if it did not exist."""
        return await self._call("get_plan_job", _found_job, p_job_id=job_id, p_user_id=user_id)

    async def get_position(self, job_id: UUID) -> Position | None:
        """Where a job stands and when it will probably be done; None for a job that is gone."""
        return await self._call("plan_job_position", _position, p_job_id=job_id)

    async def describe(self) -> QueueDescription:
        """What waits, runs and has lately ended."""
        return await self._call("describe_plan_queue", _description)

    async def check(self) -> QueueHealth:
        """Whether the queue does its work, and if not, why."""
        return await self._call("check_plan_queue", _health)

    async def note_processor(
        self, worker_id: str, *, version: str, concurrency: int, running: int
    ) -> None:
        """Says that a processor lives and runs so many jobs."""
        await self._call(
            "note_plan_processor",
            _noted,
            patience=NOTE_PATIENCE,
            p_worker_id=worker_id,
            p_version=version,
            p_concurrency=concurrency,
            p_running=running,
        )

    async def forget_processor(self, worker_id: str) -> None:
        """Says that a processor has stopped."""
        await self._call(
            "forget_plan_processor", _noted, patience=FORGET_PATIENCE, p_worker_id=worker_id
        )

    async def cleanup(self, *, max_rows: int = 1000) -> int:
        """Deletes finished jobs past their time to live; returns how many."""
        cleaned = await self._call("cleanup_expired_plan_jobs", _cleaned, p_max_rows=max_rows)
        return cleaned.deleted

    def _encrypt(self, provider_key: SecretStr | None) -> str | None:
        return None if provider_key is None else self._provider_keys.encrypt(provider_key)

    async def _settle(self, function: str, entries: list[dict[str, Any]]) -> list[Settled]:
        """The answers, in the order of the entries."""
        answers = await self._call(function, _settled, p_jobs=entries)
        by_claim = {(answer.job_id, answer.claim_id): answer for answer in answers}
        return [by_claim[entry["job_id"], entry["claim_id"]] for entry in entries]

    async def _call(
        self,
        function: str,
        shape: TypeAdapter[Answer],
        *,
        patience: float | None = None,
        **params: Any,
    ) -> Answer:
        started = time.perf_counter()
        try:
            return await self._database.call(function, params, shape, patience=patience)
        except SupajobsError as error:
            self._metrics.call_failures(function, error.code).inc()
            raise
        finally:
            self._metrics.call_seconds(function).observe(time.perf_counter() - started)
