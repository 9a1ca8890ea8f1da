"""What the queue's SQL functions answer."""

from enum import StrEnum
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, OnErrorOmit, TypeAdapter

from supajobs.errors import (
    EnqueueRateLimitedError,
    IdempotencyConflictError,
    JobFinishedError,
    JobNotFinishedError,
    JobNotFoundError,
    MonthlyCostReachedError,
    ProviderKeyRequiredError,
)
from supajobs.jobs import ClaimedJob, Job, JobStatus, Progress
from supajobs.queue.condition import QueueDescription, QueueHealth


class ClaimLostError(Exception):
    """The job is no longer ours: its lease ran out, or it has ended."""


class Enqueued(BaseModel):
    """`existing`: the same request came before, or an active job holds the dedupe key.

    `replaced`: of these, a job that had not started, and takes what was asked for now (debounce).

    What asking for a job is answered with::

        enqueued = await jobs.enqueue(story, StoryRequest(hero="Fox"), user_id=user_id)
        print(enqueued.job.id, enqueued.outcome == "created")
    """

    outcome: Literal["created", "existing"]
    job: Job
    replaced: bool = False


class SettleOutcome(StrEnum):
    """How a claim ended. STALE: it no longer held, and nothing was changed.

    BUSY: it holds, but somebody has the job locked, and nothing was changed yet. To be repeated.
    """

    COMPLETED = "completed"
    RETRYING = "retrying"
    FAILED = "failed"
    RELEASED = "released"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    STALE = "stale"
    BUSY = "busy"


class Settled(BaseModel):
    """The answer to a settle; `run_at` with RETRYING and SUSPENDED."""

    job_id: UUID
    claim_id: UUID
    outcome: SettleOutcome
    run_at: AwareDatetime | None = None


class Advanced(BaseModel):
    """The answers to both halves of an advance."""

    settled: list[Settled]
    claimed: list[ClaimedJob]


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


class Requested(BaseModel):
    """The answer to a running job that asked for another one."""

    outcome: Literal["created", "existing", "stale"]
    job_id: UUID | None = None


class Retried(BaseModel):
    """`existing`: a newer active job holds the dedupe key, and is the one returned."""

    outcome: Literal["retried", "existing", "not_finished", "provider_key_required", "not_found"]
    job: Job | None = None


class Signalled(BaseModel):
    """`existing`: the job was told that before, and the `payload` is the one that counts."""

    outcome: Literal["stored", "existing", "too_late", "finished", "not_found"]
    payload: JsonValue = None
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


class Conflict(BaseModel):
    """The idempotency key was used for another request."""

    outcome: Literal["conflict"]


class RateLimited(BaseModel):
    """The user may not have one more of this type yet; `retry_after` in seconds."""

    outcome: Literal["rate_limited"]
    retry_after: int


class CostLimited(BaseModel):
    """The user's budget for this type is spent; `retry_after` in seconds."""

    outcome: Literal["cost_limited"]
    retry_after: int


Allowed = TypeVar("Allowed", Enqueued, Retried, Requested)
EnqueueAnswer = Enqueued | Conflict | RateLimited | CostLimited
RequestAnswer = Requested | Conflict | RateLimited | CostLimited
RetryAnswer = Retried | RateLimited | CostLimited


def require_allowed(
    answer: Allowed | Conflict | RateLimited | CostLimited,
) -> Allowed:
    """The answer to a request, or to a retry, that nothing stands against.

    Raises:
        EnqueueRateLimitedError: the user may not have one more of this type yet.
        IdempotencyConflictError: the key was used for another request.
        MonthlyCostReachedError: the user's budget for this type is spent.
    """
    match answer:
        case Conflict():
            raise IdempotencyConflictError
        case RateLimited(retry_after=retry_after):
            raise EnqueueRateLimitedError(retry_after=retry_after)
        case CostLimited(retry_after=retry_after):
            raise MonthlyCostReachedError(retry_after=retry_after)
        case _:
            return answer


def require_cancelled(cancelled: Cancelled) -> Job:
    """The job that is cancelled, or will be.

    Raises:
        JobFinishedError: it has ended.
        JobNotFoundError: the user has no such job.
    """
    if cancelled.job is None:
        raise JobNotFoundError
    if cancelled.outcome == "finished":
        raise JobFinishedError
    return cancelled.job


def require_retried(retried: Retried) -> Job:
    """The job on its way: this one, or the newer one that holds its dedupe key.

    Raises:
        JobFinishedError: it has completed.
        JobNotFinishedError: it runs.
        JobNotFoundError: the user has no such job.
        ProviderKeyRequiredError: it had brought a key.
    """
    if retried.job is None:
        raise JobNotFoundError
    if retried.outcome == "provider_key_required":
        raise ProviderKeyRequiredError
    if retried.outcome == "not_finished" and retried.job.status != JobStatus.PENDING:
        if retried.job.has_ended:
            raise JobFinishedError("The job has completed; there is nothing to retry.")
        raise JobNotFinishedError
    return retried.job


class Cleaned(BaseModel):
    """How many jobs were deleted."""

    deleted: int


class Noted(BaseModel):
    """What became of a note on a processor, and in how many seconds there is something to do.

    None: nothing waits. Of a database that does not tell, there may be something at any time.
    """

    outcome: Literal["noted", "forgotten"]
    jobs_due_in: float | None = 0.0
    schedules_due_in: float | None = 0.0
    messages_due_in: float | None = 0.0


class FoundSteps(BaseModel):
    """By name: outputs of finished steps, whether waits are over, and payloads of signals."""

    outcome: Literal["found", "stale"]
    steps: dict[str, JsonValue] = {}
    waits: dict[str, bool] = {}
    signals: dict[str, JsonValue] = {}


class SavedStep(BaseModel):
    """Whether the claim still held."""

    outcome: Literal["saved", "stale"]


class FoundKey(BaseModel):
    """The key that a job brought, encrypted, or why there is none."""

    outcome: Literal["found", "none", "gone", "stale"]
    ciphertext: str | None = None


ENQUEUED = TypeAdapter[EnqueueAnswer](Annotated[EnqueueAnswer, Field(discriminator="outcome")])
REQUESTED = TypeAdapter[RequestAnswer](Annotated[RequestAnswer, Field(discriminator="outcome")])
CLAIMED_JOBS = TypeAdapter(list[ClaimedJob])
PULSES = TypeAdapter(list[Pulse])
SETTLED = TypeAdapter(list[Settled])
ADVANCED = TypeAdapter(Advanced)
CANCELLED = TypeAdapter(Cancelled)
SIGNALLED = TypeAdapter(Signalled)
RETRIED = TypeAdapter[RetryAnswer](Annotated[RetryAnswer, Field(discriminator="outcome")])
JOB = TypeAdapter[Job | None](Job | None)
CHANGES = TypeAdapter(Changes)
FOUND_JOB = TypeAdapter(FoundJob)
POSITION = TypeAdapter[Position | None](Position | None)
DESCRIPTION = TypeAdapter(QueueDescription)
HEALTH = TypeAdapter(QueueHealth)
CLEANED = TypeAdapter(Cleaned)
NOTED = TypeAdapter(Noted)
FOUND_STEPS = TypeAdapter(FoundSteps)
SAVED_STEP = TypeAdapter(SavedStep)
FOUND_KEY = TypeAdapter(FoundKey)
