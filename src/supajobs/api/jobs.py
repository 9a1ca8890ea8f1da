from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import AwareDatetime, BaseModel, Field

from supajobs.api.caching import PERSONAL, IfNoneMatch, matches, tag
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import IdempotencyKey, PartsDep, ProviderKey
from supajobs.api.own_jobs import JobFilters, read_active_job, read_jobs
from supajobs.api.pages import link_next
from supajobs.api.preferences import MAX_WAIT, PreferredWait
from supajobs.api.problems import refuses
from supajobs.api.refusals import TooManyWaitingError
from supajobs.api.requested_jobs import RequestedJob
from supajobs.api.requests import (
    ENQUEUE_REFUSALS,
    PROVIDER_KEY_REFUSALS,
    JobBody,
    JobRequestsDep,
)
from supajobs.api.schema import carries
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.api.waiting import WaitingDep
from supajobs.errors import (
    DebounceWithoutDedupeError,
    EnqueueRateLimitedError,
    JobFinishedError,
    JobNotFinishedError,
    JobNotFoundError,
    MonthlyCostReachedError,
    ParentNotFoundError,
    ProjectRequiredError,
    ProviderKeyRequiredError,
    UnknownJobTypeError,
)
from supajobs.jobs import Job, JobStatus, JobSummary
from supajobs.queue.answers import Position, require_cancelled

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=StrictJsonRoute)


class JobDetails(Job):
    """A job and, while it is pending, what is expected of it."""

    position_in_queue: Annotated[
        int | None, Field(description="1 is the next of its type to start.")
    ] = None
    estimated_duration: Annotated[
        float | None, Field(description="Seconds that jobs of its type lately took.")
    ] = None
    estimated_completion_at: AwareDatetime | None = None

    @property
    def tag(self) -> str:
        """The `ETag` of this answer."""
        return tag(self, self.position_in_queue)

    @classmethod
    def of(cls, job: Job, position: Position | None) -> "JobDetails":
        """The job in detail. What is already valid is not validated again."""
        details = cls.model_construct(**dict(job))
        if position is None or position.status != JobStatus.PENDING:
            return details
        expected = {
            name: getattr(position, name) for name in cls.model_fields.keys() - Job.model_fields
        }
        return details.model_copy(update=expected)


class JobPage(BaseModel):
    """Jobs, newest first."""

    jobs: list[JobSummary]


class ActiveJob(BaseModel):
    """The job on its way, or null."""

    job: Job | None


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {
            "model": RequestedJob,
            "description": "It exists already: the same key, or one active of its type.",
            **carries("Location", "ETag", "Preference-Applied"),
        },
        201: carries("Location", "ETag", "Preference-Applied"),
        202: {
            "model": RequestedJob,
            "description": "It has not ended in the time that `Prefer: wait` gave it.",
            **carries("Location", "ETag", "Preference-Applied"),
        },
        **refuses(
            UnknownJobTypeError,
            ProjectRequiredError,
            ParentNotFoundError,
            DebounceWithoutDedupeError,
            *ENQUEUE_REFUSALS,
            *PROVIDER_KEY_REFUSALS,
        ),
    },
)
async def create_job(  # noqa: PLR0913 - each argument is a part of the request
    body: JobBody,
    user: CurrentUser,
    requests: JobRequestsDep,
    wait: PreferredWait,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    provider_key: ProviderKey = None,
) -> RequestedJob:
    """Request a job.

    A repeated request with the same `Idempotency-Key` is answered with the job of the first one.
    So is one for a type of which a user (or a project) may have one active job at a time. The
    answer says so: `existing`, `why`, and what `differs` from what was asked for. With
    `debounce_seconds` such a job takes the newest request, as long as it has not started.
    """
    job = await requests.enqueue(
        user.id,
        body.job_type,
        body.params,
        within="params",
        idempotency_key=idempotency_key,
        wait=wait,
        priority=body.priority,
        run_at=body.run_at,
        project_id=body.project_id,
        ttl_hours=body.ttl_hours,
        provider_key=provider_key,
        after=body.after,
        on_parent_failure=body.on_parent_failure,
        debounce_seconds=body.debounce_seconds,
        debounce_max_seconds=body.debounce_max_seconds,
    )
    if wait and not job.has_ended:
        response.status_code = status.HTTP_202_ACCEPTED
    elif job.existing:
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = requests.locate(f"jobs/{job.id}")
    response.headers["ETag"] = tag(job)
    return job


@router.get("", responses={200: carries("Link"), **refuses(UnknownJobTypeError)})
async def list_jobs(
    filters: Annotated[JobFilters, Query()],
    user: CurrentUser,
    parts: PartsDep,
    request: Request,
    response: Response,
) -> JobPage:
    """List your jobs, newest first, without their params and results.

    While there are more, `Link` leads to the next page: each job is on one page, whatever is
    created or deleted meanwhile.
    """
    if filters.job_type is not None:
        await parts.offered.require_known(filters.job_type)
    jobs = await read_jobs(parts.database, user, filters)
    page = jobs[: filters.limit]
    if len(jobs) > len(page):
        response.headers["Link"] = link_next(request, page[-1].id)
    response.headers.update(PERSONAL)
    return JobPage(jobs=page)


@router.get("/active", responses=refuses(UnknownJobTypeError))
async def get_active_job(
    user: CurrentUser,
    parts: PartsDep,
    response: Response,
    job_type: str,
) -> ActiveJob:
    """Get your pending or processing job of this type, the newest if there are several."""
    await parts.offered.require_known(job_type)
    job = await read_active_job(parts.database, user, job_type)
    response.headers.update(PERSONAL)
    return ActiveJob(job=job)


@router.get(
    "/{job_id}",
    response_model=JobDetails,
    responses={
        200: carries("ETag"),
        304: {"description": "It is still as `If-None-Match` has it.", **carries("ETag")},
        **refuses(JobNotFoundError, TooManyWaitingError),
    },
)
async def get_job(  # noqa: PLR0913 - each argument is a part of the request
    job_id: UUID,
    user: CurrentUser,
    parts: PartsDep,
    waiting: WaitingDep,
    response: Response,
    wait: Annotated[
        int, Query(ge=0, le=MAX_WAIT, description="Seconds to wait for a change, if need be.")
    ] = 0,
    if_none_match: IfNoneMatch = None,
) -> JobDetails | Response:
    """Get one of your jobs.

    With `wait` the answer comes when the job is no longer as `If-None-Match` has it (without that:
    as it was when the request came), when it has ended, or when the time is up.
    """
    found = await parts.queue.get(job_id, user.id)
    job, position = found.job, found.position
    if job is None:
        raise JobNotFoundError
    details = JobDetails.of(job, position)
    # An answer that told no place, or an event, has a tag that will do to wait with.
    is_known = matches(details.tag, if_none_match) or matches(tag(job), if_none_match)
    if wait and not job.has_ended and (if_none_match is None or is_known):
        job = await waiting.for_change(job, wait)
        pending = job.status == JobStatus.PENDING
        details = JobDetails.of(job, await parts.queue.get_position(job_id) if pending else None)
    headers = {**PERSONAL, "ETag": details.tag}
    if matches(details.tag, if_none_match):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return details


@router.delete(
    "/{job_id}",
    responses={
        200: {"description": "It is cancelled.", **carries("ETag")},
        202: {
            "model": Job,
            "description": "It runs, and will be stopped shortly.",
            **carries("ETag"),
        },
        **refuses(JobNotFoundError, JobFinishedError),
    },
)
async def cancel_job(job_id: UUID, user: CurrentUser, parts: PartsDep, response: Response) -> Job:
    """Cancel one of your jobs. One that runs elsewhere is stopped by its next heartbeat."""
    cancelled = await parts.queue.cancel(job_id, user.id)
    job = require_cancelled(cancelled)
    if cancelled.outcome == "requested":
        response.status_code = status.HTTP_202_ACCEPTED
        parts.processor.cancel(job_id)
    parts.watcher.nudge()
    response.headers["ETag"] = tag(job)
    return job


@router.post(
    "/{job_id}/retry",
    responses={
        200: carries("Location", "ETag"),
        **refuses(
            JobNotFoundError,
            JobNotFinishedError,
            JobFinishedError,
            EnqueueRateLimitedError,
            MonthlyCostReachedError,
            ProviderKeyRequiredError,
            *PROVIDER_KEY_REFUSALS,
        ),
    },
)
async def retry_job(
    job_id: UUID,
    user: CurrentUser,
    requests: JobRequestsDep,
    response: Response,
    provider_key: ProviderKey = None,
) -> Job:
    """Run a failed or cancelled job again, with all its retries.

    If you have a newer one on its way that this one would double, the answer is that one. What is
    pending already is left as it is. A retry is held to the limits of a new job. A job that came
    with an `X-Provider-Key` needs it again.
    """
    job = await requests.retry(user, job_id, provider_key)
    response.headers["Location"] = requests.locate(f"jobs/{job.id}")
    response.headers["ETag"] = tag(job)
    return job
