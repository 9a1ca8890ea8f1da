"""In few words: how far a job is, and what its user has in the queue."""

from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import AwareDatetime, BaseModel

from supajobs.api.caching import PERSONAL, IfNoneMatch, matches
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import PartsDep
from supajobs.api.jobs import JobDetails
from supajobs.api.problems import refuses
from supajobs.api.schema import carries
from supajobs.errors import JobNotFoundError
from supajobs.jobs import JobStatus, Progress
from supajobs.outcomes import JobError
from supajobs.queue.user_queue import UserJobType, read_user_queue

router = APIRouter(prefix="/jobs", tags=["jobs"])


class UserQueue(BaseModel):
    """The jobs of a user that wait and run: of each type that may be asked for, and of all."""

    pending: int
    processing: int
    job_types: list[UserJobType]


class JobStatusDetails(BaseModel):
    """How far a job is and, while it is pending, what is expected of it."""

    id: UUID
    job_id: UUID
    job_type: str
    status: JobStatus
    progress: Progress | None
    error: JobError | None
    position_in_queue: int | None
    estimated_duration: float | None
    estimated_completion_at: AwareDatetime | None


@router.get("/queue-status")
async def get_queue_status(user: CurrentUser, parts: PartsDep, response: Response) -> UserQueue:
    """Get how many of your jobs wait and run, by type, and whether you may ask for more."""
    job_types = await read_user_queue(parts.database, user.id, parts.registry)
    response.headers.update(PERSONAL)
    return UserQueue(
        pending=sum(each.pending for each in job_types),
        processing=sum(each.processing for each in job_types),
        job_types=job_types,
    )


@router.get(
    "/{job_id}/status",
    response_model=JobStatusDetails,
    responses={
        200: carries("ETag"),
        304: {"description": "It is still as `If-None-Match` has it.", **carries("ETag")},
        **refuses(JobNotFoundError),
    },
)
async def get_job_status(
    job_id: UUID,
    user: CurrentUser,
    parts: PartsDep,
    response: Response,
    if_none_match: IfNoneMatch = None,
) -> JobStatusDetails | Response:
    """Get of one of your jobs what a progress bar shows."""
    found = await parts.queue.get(job_id, user.id)
    if found.job is None:
        raise JobNotFoundError
    details = JobDetails.of(found.job, found.position)
    headers = {**PERSONAL, "ETag": details.tag}
    if matches(details.tag, if_none_match):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    response.headers.update(headers)
    return JobStatusDetails.model_validate(details, from_attributes=True)
