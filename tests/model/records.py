"""What the tables hold, as far as the model goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

ACTIVE = ("pending", "processing")
ENDED = ("completed", "failed", "cancelled")
Lane = tuple[str, int]
Run = tuple[UUID, UUID]
"""A job, and the claim under which a worker has it."""
Settled = tuple[UUID, UUID, str, datetime | None]
"""The answer to a settle: job, claim, outcome and the time of the retry."""


@dataclass(frozen=True)
class JobType:
    job_type: str
    max_retries: int = 1
    max_crashes: int = 2
    backoff_base_seconds: int = 2000
    backoff_cap_seconds: int = 3000
    dedupe_by: str | None = None
    max_enqueues: int | None = None
    enqueue_window_seconds: int | None = None
    max_running: int | None = None
    starts_per_minute: int | None = None
    max_cost_per_user_month: int | None = None

    @property
    def is_limited(self) -> bool:
        return self.max_running is not None or self.starts_per_minute is not None


@dataclass(frozen=True)
class Request:
    user_id: UUID | None
    job_type: str
    priority: int
    params: Mapping[str, Any]
    project_id: UUID | None
    idempotency_key: str | None


@dataclass
class Job:
    id: UUID
    user_id: UUID | None
    job_type: str
    priority: int
    params: Mapping[str, Any]
    project_id: UUID | None
    idempotency_key: str | None
    run_at: datetime
    turn: int | None = None
    status: str = "pending"
    retry_count: int = 0
    crash_count: int = 0
    claim_id: UUID | None = None
    worker_id: str | None = None
    lapsed: bool = False
    """Its lease has run out."""
    overrun: bool = False
    """It has run longer than heartbeats may extend its lease."""
    lease_lost: bool = False
    came_again: bool = field(default=False, compare=False)
    """It waited for its time, or waits for another time."""
    cancel_requested: bool = False
    progress: Any = None
    result: Any = None
    error: Any = None
    recent: bool = True
    """It counts for the limit of enqueues."""
    expired: bool = False
    steps: dict[str, Any] = field(default_factory=dict[str, Any])
    tokens: dict[str, int] = field(default_factory=dict[str, int], compare=False)
    """What the steps of the latest attempt consumed."""

    @property
    def lane(self) -> Lane:
        return self.job_type, self.priority

    @property
    def is_due(self) -> bool:
        return self.run_at <= datetime.now(UTC)

    def is_held_by(self, claim_id: UUID) -> bool:
        return self.status == "processing" and self.claim_id == claim_id

    def may_be_completed_by(self, claim_id: UUID) -> bool:
        swept = self.lease_lost and self.status in ("pending", "failed")
        return self.is_held_by(claim_id) or (swept and self.claim_id == claim_id)

    @property
    def run(self) -> Run:
        """The job with the claim that has it, or had it last."""
        assert self.claim_id
        return self.id, self.claim_id

    def leave(self, status: str) -> None:
        self.status = status
        self.progress = None
        self.lapsed = self.overrun = self.expired = False


@dataclass(frozen=True)
class Attempt:
    job_id: UUID
    claim_id: UUID
    worker_id: str | None
    outcome: str
    error: Any = None
    retry_at: datetime | None = None
    input_tokens: int | None = None


@dataclass(frozen=True)
class Cost:
    """What one attempt consumed, as the ledger has it."""

    user_id: UUID | None
    job_type: str
    input_tokens: int


@dataclass(frozen=True)
class Plan:
    user_id: UUID | None
    job_id: UUID | None
    plan: Mapping[str, Any]
