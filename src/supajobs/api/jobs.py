from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response, status
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from supajobs.api.dependencies import (
    DatabaseDep,
    IdempotencyKey,
    JobTypesDep,
    ProcessorDep,
    QueueDep,
    SettingsDep,
    TraceId,
)
from supajobs.auth import CurrentUser, User
from supajobs.database import Database
from supajobs.errors import (
    InvalidRequestError,
    JobFinishedError,
    JobNotFoundError,
    UnknownJobTypeError,
)
from supajobs.handlers.training_plan import TRAINING_PLAN
from supajobs.jobs import Job, JobType, JobTypes, JsonObject, Priority
from supajobs.queue import Enqueued

router = APIRouter(prefix="/jobs", tags=["jobs"])

JOB_COLUMNS = ",".join(Job.model_fields)


def _read_priority(value: object) -> object:
    names = {priority.name.lower(): priority for priority in Priority}
    return names.get(value, value) if isinstance(value, str) else value


class JobRequest(BaseModel):
    """What a client may ask for."""

    model_config = ConfigDict(extra="forbid")

    job_type: str
    params: JsonObject = Field(default_factory=dict)
    priority: Annotated[
        int,
        Field(ge=0, le=10, description="0 is the lowest. low is 2, normal 5, high 8."),
        BeforeValidator(
            _read_priority, json_schema_input_type=int | Literal["low", "normal", "high"]
        ),
    ] = Priority.NORMAL
    run_at: Annotated[AwareDatetime | None, Field(description="Not before this time.")] = None
    project_id: UUID | None = None
    ttl_hours: Annotated[
        int | None, Field(ge=1, le=168, description="How long the finished job is kept.")
    ] = None


class ActiveJob(BaseModel):
    """The job on its way, or null."""

    job: Job | None


class JobRequests:
    """Puts a user's request into the queue and, where this process runs jobs, starts on it."""

    def __init__(
        self, queue: QueueDep, processor: ProcessorDep, settings: SettingsDep, trace_id: TraceId
    ) -> None:
        self._queue = queue
        self._processor = processor
        self._settings = settings
        self._trace_id = trace_id

    async def enqueue(  # noqa: PLR0913 - one argument per part of a request
        self,
        user: User,
        job_type: JobType[Any],
        params: JsonObject | BaseModel,
        *,
        within: str,
        idempotency_key: str | None,
        priority: int = Priority.NORMAL,
        run_at: datetime | None = None,
        project_id: UUID | None = None,
        ttl_hours: int | None = None,
    ) -> Enqueued:
        """Requests a job for this user; see JobQueue.enqueue.

        Raises:
            InvalidRequestError: the params, which stood in the field `within`, are not the type's.
        """
        try:
            valid = job_type.params.model_validate(params)
            job_type.check_date(valid, datetime.now(UTC).date())
        except ValidationError as error:
            raise InvalidRequestError(error.errors(), within=within) from error
        enqueued = await self._queue.enqueue(
            user_id=user.id,
            job_type=job_type.name,
            params=valid.model_dump(mode="json"),
            priority=priority,
            run_at=run_at,
            idempotency_key=idempotency_key,
            project_id=project_id,
            ttl_hours=ttl_hours,
            trace_id=self._trace_id,
        )
        if self._settings.api_runs_jobs:
            self._processor.wake()
        return enqueued


JobRequestsDep = Annotated[JobRequests, Depends()]


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_job(  # noqa: PLR0913 - each argument is a part of the request
    body: JobRequest,
    user: CurrentUser,
    job_types: JobTypesDep,
    requests: JobRequestsDep,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> Job:
    """Request a job. 201: created. 200: it exists already (same key, or one active per user)."""
    enqueued = await requests.enqueue(
        user,
        find_job_type(job_types, body.job_type),
        body.params,
        within="params",
        idempotency_key=idempotency_key,
        priority=body.priority,
        run_at=body.run_at,
        project_id=body.project_id,
        ttl_hours=body.ttl_hours,
    )
    if enqueued.outcome == "existing":
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = f"/v1/jobs/{enqueued.job.id}"
    return enqueued.job


@router.get("/active")
async def get_active_job(
    user: CurrentUser,
    queue: QueueDep,
    job_types: JobTypesDep,
    job_type: str = TRAINING_PLAN,
) -> ActiveJob:
    """Get your pending or processing job of this type, if there is one."""
    find_job_type(job_types, job_type)
    return ActiveJob(job=await queue.get_active(user.id, job_type))


@router.get("/{job_id}")
async def get_job(job_id: UUID, user: CurrentUser, database: DatabaseDep) -> Job:
    """Get one of your jobs."""
    return await read_job(database, user.access_token, job_id)


@router.delete("/{job_id}")
async def cancel_job(job_id: UUID, user: CurrentUser, queue: QueueDep, response: Response) -> Job:
    """Cancel a job. 200: it is cancelled. 202: it runs and will be stopped shortly."""
    cancelled = await queue.cancel(job_id, user.id)
    match cancelled.outcome, cancelled.job:
        case "finished", _:
            raise JobFinishedError
        case "requested", Job() as job:
            response.status_code = status.HTTP_202_ACCEPTED
            return job
        case "cancelled", Job() as job:
            return job
        case _:
            raise JobNotFoundError


def find_job_type(job_types: JobTypes, name: str) -> JobType[Any]:
    """The job type of this name; else an error that lists the known ones."""
    if (job_type := job_types.get(name)) is None:
        raise UnknownJobTypeError(hint=f"Known job types: {', '.join(sorted(job_types))}.")
    return job_type


async def read_job(database: Database, access_token: str, job_id: UUID) -> Job:
    """The job, read with the user's own token: somebody else's is as if it did not exist."""
    query = (
        database.as_user(access_token)
        .from_("plan_generation_jobs")
        .select(JOB_COLUMNS)
        .eq("id", str(job_id))
        .maybe_single()
    )
    row = await database.send(query)
    if row is None:
        raise JobNotFoundError
    return Job.model_validate(row)
