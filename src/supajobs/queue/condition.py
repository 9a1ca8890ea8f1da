"""What the queue says of itself: its figures, and whether it does its work."""

from typing import Literal

from pydantic import BaseModel, Field


class QueueFigures(BaseModel):
    """What waits and runs now, and what has ended within the description's `window_seconds`."""

    pending: int = Field(description="Due, and waiting for a worker.")
    scheduled: int = Field(description="Waiting for their `run_at`: for later, or again.")
    processing: int
    capped: bool = Field(description="Whether there are more that wait than were counted.")
    oldest_pending_seconds: float | None = Field(
        description="How long the oldest due job has waited."
    )
    completed: int
    failed: int
    cancelled: int
    retrying: int
    released: int
    suspended: int = Field(description="To wait for a time or a signal.")
    crashed: int
    success_rate: float | None = Field(description="completed / (completed + failed).")
    throughput_per_minute: float = Field(description="Completed jobs.")
    duration_p50: float | None = Field(description="Seconds that completed runs took: the median.")
    duration_p95: float | None = Field(description="All but one in twenty took less.")


class JobTypeFigures(QueueFigures):
    """The figures of one job type."""

    job_type: str


class QueueDescription(BaseModel):
    """The queue in figures: of each job type, and of all together."""

    job_types: list[JobTypeFigures]
    total: QueueFigures
    window_seconds: float = Field(
        description="Runs are counted that ended in this time: an hour, if they are not too many."
    )


class HealthReason(BaseModel):
    """What is wrong and, in `message`, what to do about it.

    `code`: `stuck_jobs`, `expired_leases`, `nobody_claims`, `old_backlog`, `no_handler`,
    `dead_trigger`, `late_schedules`, `old_snapshot`, `dead_tuples`, `database_read_only`,
    `database_unreachable`, `provider_key_refused`, `provider_quota_exceeded` or `jobs_not_running`.
    """

    code: str
    status: Literal["degraded", "unhealthy"]
    message: str
    jobs: int | None = Field(default=None, description="How many are concerned.")
    job_type: str | None = None
    seconds: float | None = Field(default=None, description="For how long.")
    provider: str | None = Field(default=None, description="The model provider that refuses.")


class QueueHealth(BaseModel):
    """Whether the queue does its work. The status is that of the worst reason, the first."""

    status: Literal["healthy", "degraded", "unhealthy"]
    reasons: list[HealthReason]
