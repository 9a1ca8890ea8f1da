"""Several jobs at once, and jobs that wait for each other."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from supajobs.api.caching import PERSONAL
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import PartsDep
from supajobs.api.problems import Problem, describe, refuses
from supajobs.api.requested_jobs import Why, explain
from supajobs.api.requests import JobFields, JobRequests, JobRequestsDep
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.auth import User
from supajobs.errors import JobNotFoundError, SupajobsError
from supajobs.job_options import STORABLE, Text
from supajobs.jobs import Job
from supajobs.queue.answers import Enqueued
from supajobs.queue.flows import Flow
from supajobs.queue.requests import MAX_JOBS, Entry

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=StrictJsonRoute)

Ref = Annotated[str, Field(min_length=1, max_length=255), STORABLE]


class BatchEntry(JobFields):
    """One of several jobs."""

    ref: Annotated[Ref | None, Field(description="What later ones call it in their `after`.")] = (
        None
    )
    idempotency_key: Ref | None = None
    after: Annotated[
        list[UUID | Ref] | dict[Text, UUID | Ref] | None,
        Field(
            max_length=1000,
            description="Your jobs that are to complete first: ids, or refs of earlier entries; "
            "or one for each name that the job has for it.",
        ),
    ] = None


class Batch(BaseModel):
    """Jobs that are asked for at once."""

    model_config = ConfigDict(extra="forbid")

    jobs: Annotated[list[BatchEntry], Field(min_length=1, max_length=MAX_JOBS)]


class BatchAnswer(BaseModel):
    """What became of an entry: a job, or why there is none."""

    job: Job | None = None
    existing: Annotated[
        bool, Field(description="Whether the job was there before the request.")
    ] = False
    why: Why = None
    error: Problem | None = None


class BatchAnswers(BaseModel):
    """One for each entry, in their order."""

    jobs: list[BatchAnswer]


@router.post("/batch", responses=refuses())
async def create_jobs(body: Batch, user: CurrentUser, requests: JobRequestsDep) -> BatchAnswers:
    """Request up to 1000 jobs, each on its own: one that is refused keeps no others back.

    All rules hold among them, as if they came one after the other. An entry may wait for earlier
    ones, by their `ref`.
    """
    read = [await _read(entry, user, requests) for entry in body.jobs]
    answers = await requests.enqueue_many(read)
    return BatchAnswers(
        jobs=[
            _tell(answer, entry.idempotency_key, requests.trace_id)
            for answer, entry in zip(answers, body.jobs, strict=True)
        ]
    )


async def _read(entry: BatchEntry, user: User, requests: JobRequests) -> Entry | SupajobsError:
    try:
        params = await requests.read(entry.job_type, entry.params, within="params")
    except SupajobsError as error:
        return error
    return Entry(
        user_id=user.id,
        job_type=entry.job_type,
        params=params,
        ref=entry.ref,
        options={
            "priority": entry.priority,
            "run_at": entry.run_at,
            "idempotency_key": entry.idempotency_key,
            "project_id": entry.project_id,
            "ttl_hours": entry.ttl_hours,
            "trace_id": requests.trace_id,
            "after": entry.after,
            "on_parent_failure": entry.on_parent_failure,
            "debounce_seconds": entry.debounce_seconds,
            "debounce_max_seconds": entry.debounce_max_seconds,
        },
    )


def _tell(
    answer: Enqueued | SupajobsError, idempotency_key: str | None, trace_id: str
) -> BatchAnswer:
    if isinstance(answer, Enqueued):
        return BatchAnswer.model_construct(
            job=answer.job,
            existing=answer.outcome == "existing",
            why=explain(answer, idempotency_key),
        )
    return BatchAnswer(error=describe(answer, trace_id))


@router.get("/{job_id}/flow", responses=refuses(JobNotFoundError))
async def get_flow(job_id: UUID, user: CurrentUser, parts: PartsDep, response: Response) -> Flow:
    """Get the jobs that one of yours waits for, that wait for it, and so on: 1000 at most."""
    flow = await parts.queue.flows.get(job_id, user.id)
    if flow is None:
        raise JobNotFoundError
    response.headers.update(PERSONAL)
    return flow
