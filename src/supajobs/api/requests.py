"""What users ask of the queue: the way of a request from HTTP into plan_generation_jobs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Self, Unpack, cast
from uuid import UUID

from fastapi import Depends, Request
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    model_validator,
)

from supajobs.api.dependencies import Parts, find_parts
from supajobs.api.requested_jobs import RequestedJob
from supajobs.api.times import Timestamp
from supajobs.api.trace import find_trace_id
from supajobs.api.waiting import Waiting
from supajobs.auth import User
from supajobs.client import read_params
from supajobs.errors import (
    EnqueueRateLimitedError,
    IdempotencyConflictError,
    MonthlyCostReachedError,
    ProviderKeyNotAllowedError,
    ProviderKeysNotOfferedError,
    SupajobsError,
    UserGoneError,
)
from supajobs.follow_ups import OnParentFailure
from supajobs.job_options import Debounce, Priority, Text, Ttl, Word, check_debounce, read_priority
from supajobs.jobs import Job
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Enqueued, require_retried
from supajobs.queue.requests import Asked, JobOptions

# What the database may say to any request for a job, and to one that brings a provider key.
ENQUEUE_REFUSALS = (
    UserGoneError,
    IdempotencyConflictError,
    EnqueueRateLimitedError,
    MonthlyCostReachedError,
)
PROVIDER_KEY_REFUSALS = (ProviderKeyNotAllowedError, ProviderKeysNotOfferedError)

MAX_DELAY = timedelta(days=366)  # from the request of a job to its run_at


_Level = Annotated[int, Field(ge=0, le=10, strict=True)]
PriorityField = Annotated[
    _Level,
    BeforeValidator(read_priority, json_schema_input_type=_Level | Word),
    Field(description="0 is the lowest. low is 2, normal 5, high 8."),
]


def _read_run_at(run_at: datetime) -> datetime | None:
    now = datetime.now(UTC)
    if run_at > now + MAX_DELAY:
        raise ValueError(f"At most {MAX_DELAY.days} days from now")
    return run_at if run_at > now else None


RunAt = Annotated[
    Annotated[Timestamp, AfterValidator(_read_run_at)] | None,
    Field(description=f"Not before this time, at most {MAX_DELAY.days} days ahead. Past: at once."),
]


OTHER_NAMES = {"tool": "job_type", "parameters": "params"}

_EXAMPLES: list[JsonValue] = [
    {
        "job_type": "training_plan",
        "params": {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}, "weeks": 12},
        "priority": "high",
    },
]


class JobFields(BaseModel):
    """What a request for a job says, alone or among others."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    job_type: Annotated[str, Field(description="`tool` is another name for it.")]
    params: Annotated[
        JsonObject,
        Field(
            description="What jobs of this type want to know. `parameters` is another name for it."
        ),
    ] = {}
    priority: PriorityField = Priority.NORMAL
    run_at: RunAt = None
    project_id: UUID | None = None
    ttl_hours: Annotated[Ttl | None, Field(description="How long the finished job is kept.")] = None
    debounce_seconds: Annotated[
        Debounce | None,
        Field(
            description="It starts so long after the last request of its dedupe key, which wins: "
            "a job that has not started takes that, and after one that has, one more runs."
        ),
    ] = None
    debounce_max_seconds: Annotated[
        Debounce | None,
        Field(description="It starts so long after the first of these requests at the latest."),
    ] = None
    on_parent_failure: Annotated[
        OnParentFailure,
        Field(description="What becomes of it when one of these does not complete."),
    ] = "cancel"

    @model_validator(mode="before")
    @classmethod
    def _read_other_names(cls, given: object) -> object:
        """Clients of other queues say `tool` and `parameters`."""
        if not isinstance(given, dict):
            return given
        fields = cast("dict[str, object]", given)
        for other, name in OTHER_NAMES.items():
            if other in fields and name in fields:
                raise ValueError(f"Send {name} or {other}, which are the same, and not both")
        return {OTHER_NAMES.get(name, name): value for name, value in fields.items()}

    @model_validator(mode="after")
    def _check_debounce(self) -> Self:
        check_debounce(self.debounce_seconds, self.debounce_max_seconds)
        return self


class JobBody(JobFields):
    """What a client may ask for."""

    after: Annotated[
        list[UUID] | dict[Text, UUID] | None,
        Field(
            max_length=1000,
            description="Your jobs that are to complete first: their ids, or an id for each name "
            "that the job has for one.",
        ),
    ] = None


class JobRequests:
    """Puts users' requests into the queue and, where this process runs jobs, starts on them."""

    def __init__(self, parts: Parts, request: Request) -> None:
        self._queue = parts.queue
        self._wake = parts.wake
        self._offered = parts.offered
        self._max_bytes = parts.settings.max_params_bytes
        self._path = request.url.path
        self.trace_id = find_trace_id(request.scope)
        self._waiting = Waiting(request, parts.watcher)

    async def read(
        self, job_type: str, params: JsonObject | BaseModel, *, within: str
    ) -> JsonObject:
        """The params of such a job as the queue keeps them.

        Raises:
            UnknownJobTypeError: users may not ask for it.
            InvalidRequestError: the params, which stood in the field `within`, are not the type's.
        """
        checking = await self._offered.find(job_type)
        return read_params(checking, params, within=within, max_bytes=self._max_bytes)

    async def enqueue(
        self,
        user_id: UUID,
        job_type: str,
        params: JsonObject | BaseModel,
        *,
        within: str,
        wait: float = 0,
        **options: Unpack[JobOptions],
    ) -> RequestedJob:
        """Requests a job for this user, and waits up to `wait` seconds for its end.

        It raises what `read` and JobQueue.enqueue do.
        """
        stored = await self.read(job_type, params, within=within)
        enqueued = await self._queue.enqueue(
            user_id=user_id,
            job_type=job_type,
            params=stored,
            **{**options, "trace_id": self.trace_id},
        )
        job = RequestedJob.of(enqueued, params=stored, options=options)
        self._wake(enqueued.job)
        if wait and not job.has_ended:
            return job.model_copy(update=dict(await self._waiting.for_end(job, wait)))
        return job

    async def enqueue_many(self, asked: Asked) -> list[Enqueued | SupajobsError]:
        """Requests jobs, and starts on those that are there now. See JobQueue.enqueue_many."""
        requested = await self._queue.enqueue_many(asked)
        for answer in requested:
            if isinstance(answer, Enqueued):
                self._wake(answer.job)
        return requested

    async def retry(self, user: User, job_id: UUID, provider_key: SecretStr | None = None) -> Job:
        """Runs the user's failed or cancelled job again.

        The answer to a repeated call is the job on its way, or the newer one that holds its
        dedupe key. It raises what JobQueue.retry and require_retried do.
        """
        job = require_retried(await self._queue.retry(job_id, user.id, provider_key))
        self._wake(job)
        return job

    def locate(self, place: str) -> str:
        """The path of another address of this API, for `Location`: wherever an app has put it."""
        before, _, _ = self._path.rpartition("/v1/")
        return f"{before}/v1/{place}"


async def _job_requests(request: Request) -> JobRequests:
    return JobRequests(find_parts(request), request)


JobRequestsDep = Annotated[JobRequests, Depends(_job_requests)]
