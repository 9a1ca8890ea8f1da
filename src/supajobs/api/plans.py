from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response, status
from pydantic import AwareDatetime, BaseModel, TypeAdapter

from supajobs.api.caching import PERSONAL
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import IdempotencyKey, PartsDep, ProviderKey
from supajobs.api.own_jobs import read_job
from supajobs.api.preferences import PreferredWait
from supajobs.api.problems import refuses
from supajobs.api.refusals import PlanNotFoundError
from supajobs.api.requested_jobs import HOW_FOUND, FoundOrMade
from supajobs.api.requests import (
    ENQUEUE_REFUSALS,
    PROVIDER_KEY_REFUSALS,
    JobRequestsDep,
)
from supajobs.api.schema import carries
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import JobNotFoundError, UnknownJobTypeError
from supajobs.handlers.training_plan import TRAINING_PLAN, TrainingPlanRequest
from supajobs.jobs import Job, JobStatus, Progress
from supajobs.outcomes import JobError, JsonObject

router = APIRouter(tags=["plans"], route_class=StrictJsonRoute)

_EXAMPLES = [
    {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}, "weeks": 12},
    {
        "profile_snapshot": {
            "goal": "MUSCLE_GAIN",
            "training_days": 4,
            "equipment": ["Dumbbells", "Gym"],
        }
    },
]


class PlanStatus(BaseModel):
    """How far a plan is; `plan_id` once it is completed."""

    id: UUID
    job_id: UUID
    status: JobStatus
    progress: Progress | None
    error: JobError | None
    plan_id: UUID | None
    created_at: AwareDatetime
    completed_at: AwareDatetime | None

    @classmethod
    def of(cls, job: Job) -> "PlanStatus":
        """The part of the job that a waiting user cares about."""
        return cls.model_validate(job.model_dump(include=set(cls.model_fields)))


class RequestedPlan(PlanStatus, FoundOrMade):
    """How far the requested plan is, and whether it was on its way before."""


class Plan(BaseModel):
    """A stored plan."""

    id: UUID
    job_id: UUID | None
    plan: JsonObject
    created_at: AwareDatetime


_plans = TypeAdapter(list[Plan])


@router.post(
    "/plan/generate",
    status_code=status.HTTP_202_ACCEPTED,
    responses={
        200: {
            "model": RequestedPlan,
            "description": "It was on its way already, or has ended in the time of `Prefer: wait`.",
            **carries("Location", "Preference-Applied"),
        },
        202: carries("Location", "Preference-Applied"),
        **refuses(UnknownJobTypeError, *ENQUEUE_REFUSALS, *PROVIDER_KEY_REFUSALS),
    },
)
async def generate_plan(  # noqa: PLR0913 - each argument is a part of the request
    profile: Annotated[TrainingPlanRequest, Body(examples=_EXAMPLES)],
    user: CurrentUser,
    requests: JobRequestsDep,
    wait: PreferredWait,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    provider_key: ProviderKey = None,
) -> RequestedPlan:
    """Request a training plan. Poll `Location` until it is completed; then get the plan.

    One plan per user is written at a time: while one is on its way, that one is answered (200).
    """
    job = await requests.enqueue(
        user.id,
        TRAINING_PLAN,
        profile,
        within="",
        idempotency_key=idempotency_key,
        wait=wait,
        provider_key=provider_key,
    )
    if job.has_ended or (job.existing and not wait):
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = requests.locate(f"plan/status/{job.id}")
    return RequestedPlan(**dict(PlanStatus.of(job)), **job.model_dump(include=HOW_FOUND))


@router.get("/plan/status/{job_id}", responses=refuses(JobNotFoundError))
async def get_plan_status(
    job_id: UUID, user: CurrentUser, parts: PartsDep, response: Response
) -> PlanStatus:
    """Get how far your plan is."""
    job = await read_job(parts.database, user.access_token, job_id)
    if job.job_type != TRAINING_PLAN:
        raise JobNotFoundError
    response.headers.update(PERSONAL)
    return PlanStatus.of(job)


@router.get("/plans/{plan_id}", responses=refuses(PlanNotFoundError))
async def get_plan(plan_id: UUID, user: CurrentUser, parts: PartsDep, response: Response) -> Plan:
    """Get one of your plans."""
    query = (
        parts.database.as_user(user.access_token)
        .from_("weekly_base_plans")
        .select(",".join(Plan.model_fields))
        .eq("id", str(plan_id))
    )
    found = await parts.database.send(query, _plans)
    if not found:
        raise PlanNotFoundError
    response.headers.update(PERSONAL)
    return found[0]
