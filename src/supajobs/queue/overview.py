"""What the people who run the queue are shown of it: aggregated in SQL, each look bounded."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, model_validator

from supajobs.errors import JobNotFoundError
from supajobs.queue.answers import Position
from supajobs.queue.attempts import Attempt
from supajobs.queue.bulk import JobFilter
from supajobs.queue.calls import Call
from supajobs.queue.flows import Flow
from supajobs.queue.job_rows import JobRow, Notification, StepRow

PAGE = 50  # jobs
MAX_HOURS = 168
MAX_DAYS = 90


class Processor(BaseModel):
    """A process that runs jobs, or did within a day."""

    worker_id: str
    version: str
    concurrency: int
    running: int = Field(description="How many jobs, when it was last seen.")
    started_at: datetime
    seen_at: datetime
    is_alive: bool = Field(description="Whether it was seen less than 90 seconds ago.")


class Trigger(BaseModel):
    """A schedule of pg_cron that calls the API, or cleans up; `reason`: why it does not."""

    name: str
    schedule: str
    last_run_at: datetime | None
    last_answer_at: datetime | None
    last_answer_status: int | None
    is_alive: bool
    reason: str | None


class Starters(BaseModel):
    """Who starts jobs. The last seen processor is the first."""

    processors: list[Processor]
    schedules: list[Trigger]


class SeenJob(JobRow):
    """A job, and why no job of its type starts: a limit of 0, or a pause, which is one as well."""

    held_back_by: Literal["pause", "limit"] | None


class JobPage(BaseModel):
    """Jobs, newest first."""

    jobs: list[SeenJob]
    next: UUID | None = Field(description="The `after` of the next page; null: this is the last.")
    looked_until: datetime | None = Field(
        description="Where it stopped before the page was full: older jobs are yet to be looked at."
    )


class Consumption(BaseModel):
    """Null: nobody knows what it cost, or nothing."""

    input_tokens: int
    output_tokens: int
    cost_usd: float | None


class JobDetails(BaseModel):
    """All that is known of a job."""

    job: SeenJob
    position: Position | None = Field(description="Of a job that waits.")
    attempts: list[Attempt] = Field(description="The latest 200.")
    steps: list[StepRow] = Field(description="The latest 200.")
    flow: Flow | None = Field(description="Null: it belongs together with no other.")
    notifications: list[Notification]
    costs: Consumption


class Hour(BaseModel):
    """Attempts that ended in the hour that began then, and the seconds that completed ones took."""

    hour: datetime
    completed: int
    failed: int
    cancelled: int
    retrying: int
    released: int
    suspended: int
    crashed: int
    success_rate: float | None = Field(description="completed / (completed + failed).")
    duration_p50: float | None
    duration_p95: float | None
    capped: bool = Field(description="More may have ended than were counted.")


class Hours(BaseModel):
    """The oldest first. Those that are not counted yet are left out."""

    hours: list[Hour]
    is_complete: bool


class Spent(BaseModel):
    """What attempts consumed."""

    attempts: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


class DayCosts(Spent):
    """On one day, in UTC."""

    day: date


class ModelCosts(Spent):
    """On one model."""

    model: str | None


class UserCosts(Spent):
    """For one user; null: for the system."""

    user_id: UUID | None


class Costs(BaseModel):
    """By day, the oldest first; by model and by user, what cost the most first."""

    by_day: list[DayCosts]
    by_model: list[ModelCosts]
    by_user: list[UserCosts]
    capped: bool = Field(description="There is more than was added up.")


class Limits(BaseModel):
    """Of a job type: the columns of plan_job_types. Null: there is no limit."""

    max_retries: int
    max_crashes: int
    backoff_base_seconds: int
    backoff_cap_seconds: int
    lease_seconds: int
    max_runtime_seconds: int
    ttl_hours: int
    max_enqueues: int | None
    enqueue_window_seconds: int | None
    max_running: int | None = Field(description="In a pause, what it will be after it.")
    starts_per_minute: int | None
    max_running_per_user: int | None
    max_running_per_project: int | None
    max_cost_per_user_month: float | None


class JobTypeRow(Limits):
    """A job type, since when it is paused, and its limits."""

    job_type: str
    description: str
    paused_at: datetime | None
    paused_max_running: Annotated[int | None, Field(exclude=True)]

    @model_validator(mode="after")
    def _look_behind_the_pause(self) -> Self:
        """A pause is a max_running of 0, and has that of before kept aside."""
        if self.paused_at is not None:
            self.max_running = self.paused_max_running
        return self


class CountedJobs(BaseModel):
    """`capped`: there may be more than were counted."""

    jobs: int
    capped: bool


class _Counting(BaseModel):
    is_complete: bool


class _Changed(BaseModel):
    outcome: Literal["changed"]


_STARTERS = TypeAdapter(Starters)
_JOBS = TypeAdapter(JobPage)
_COUNTED = TypeAdapter(CountedJobs)
_JOB = TypeAdapter[JobDetails | None](JobDetails | None)
_HOURS = TypeAdapter(Hours)
_COUNTING = TypeAdapter(_Counting)
_COSTS = TypeAdapter(Costs)
_CHANGED = TypeAdapter(_Changed)

JOB_TYPES = TypeAdapter(list[JobTypeRow])


class Overview:
    """That of one project."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def find_jobs(self, jobs: JobFilter, before: UUID | None) -> JobPage:
        """A page of the newest of these jobs, older than this one."""
        return await self._call(
            "find_plan_jobs", _JOBS, p_filter=jobs, p_before=before, p_max_jobs=PAGE
        )

    async def count_jobs(self, jobs: JobFilter) -> CountedJobs:
        """How many of the newest jobs are these."""
        return await self._call("count_newest_plan_jobs", _COUNTED, p_filter=jobs)

    async def describe_job(self, job_id: UUID) -> JobDetails:
        """Anybody's job.

        Raises:
            JobNotFoundError: it is not there, or no more.
        """
        found = await self._call("describe_plan_job", _JOB, p_job_id=job_id)
        if found is None:
            raise JobNotFoundError("There is no such job, or no more.")
        return found

    async def describe_starters(self) -> Starters:
        """Processors and schedules."""
        return await self._call("describe_plan_triggers", _STARTERS)

    async def count_hours(self, hours: int) -> bool:
        """Counts hours that are over, for a moment: whether all of the last ones are counted."""
        return (await self._call("count_plan_hours", _COUNTING, p_hours=hours)).is_complete

    async def describe_hours(self, hours: int, job_type: str | None) -> Hours:
        """What has ended in each of the last hours, in total or of one type."""
        return await self._call("describe_plan_hours", _HOURS, p_hours=hours, p_job_type=job_type)

    async def describe_costs(self, days: int) -> Costs:
        """What attempts consumed that began in the last days."""
        return await self._call("describe_plan_costs", _COSTS, p_days=days)

    async def change_job_type(self, job_type: str, changes: Mapping[str, Any]) -> None:
        """Changes limits of a job type, and `is_paused`.

        Raises:
            UnknownJobTypeError: plan_job_types has no such type.
        """
        await self._call(
            "change_plan_job_type", _CHANGED, p_job_type=job_type, p_changes=dict(changes)
        )
