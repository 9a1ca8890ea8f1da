from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from supajobs.api.caching import PERSONAL
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import IdempotencyKey, PartsDep
from supajobs.api.own_schedules import ScheduleFilters, read_schedule, read_schedules
from supajobs.api.pages import link_next
from supajobs.api.problems import refuses
from supajobs.api.requested_jobs import RequestedJob
from supajobs.api.requests import ENQUEUE_REFUSALS, JobRequestsDep
from supajobs.api.schedule_bodies import (
    ScheduleChanges,
    ScheduleDetails,
    SchedulePage,
    ScheduleRequest,
)
from supajobs.api.schema import carries
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import (
    ProjectRequiredError,
    ScheduleNameTakenError,
    ScheduleNotFoundError,
    TooManySchedulesError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.queue.schedule_book import NewSchedule

router = APIRouter(prefix="/schedules", tags=["schedules"], route_class=StrictJsonRoute)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {
            "model": ScheduleDetails,
            "description": "You have it already, just so.",
            **carries("Location"),
        },
        201: carries("Location"),
        **refuses(
            UserGoneError,
            UnknownJobTypeError,
            ProjectRequiredError,
            ScheduleNameTakenError,
            TooManySchedulesError,
        ),
    },
)
async def create_schedule(
    body: ScheduleRequest,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
    response: Response,
) -> ScheduleDetails:
    """Have a job recur. A repeated request is answered with the schedule of the first one.

    A local time that does not exist, because clocks go forward, is due at the next one that does;
    one that comes twice is due once. Params that leave `time_zone` open get that of the schedule.
    """
    params = await requests.read(body.job_type, body.params, within="params")
    new = NewSchedule.of(**{**dict(body), "params": params})
    schedule, is_new = await parts.queue.schedules.create(user.id, new)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = requests.locate(f"schedules/{schedule.id}")
    return ScheduleDetails.of(schedule)


@router.get("", responses={200: carries("Link")})
async def list_schedules(
    filters: Annotated[ScheduleFilters, Query()],
    user: CurrentUser,
    parts: PartsDep,
    request: Request,
    response: Response,
) -> SchedulePage:
    """List your schedules, newest first. While there are more, `Link` leads to the next page."""
    found = await read_schedules(parts.database, user, filters)
    page = found[: filters.limit]
    if len(found) > len(page):
        response.headers["Link"] = link_next(request, page[-1].id)
    response.headers.update(PERSONAL)
    return SchedulePage(schedules=[ScheduleDetails.of(each) for each in page])


@router.get("/{schedule_id}", responses=refuses(ScheduleNotFoundError))
async def get_schedule(
    schedule_id: UUID, user: CurrentUser, parts: PartsDep, response: Response
) -> ScheduleDetails:
    """Get one of your schedules."""
    schedule = await read_schedule(parts.database, user, schedule_id)
    response.headers.update(PERSONAL)
    return ScheduleDetails.of(schedule)


@router.patch(
    "/{schedule_id}",
    responses=refuses(
        ScheduleNotFoundError, ScheduleNameTakenError, UnknownJobTypeError, ProjectRequiredError
    ),
)
async def change_schedule(
    schedule_id: UUID,
    body: ScheduleChanges,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
) -> ScheduleDetails:
    """Change one of your schedules, pause it, or let it go on."""
    schedule = await read_schedule(parts.database, user, schedule_id)
    columns = body.list_columns()
    if body.params is not None:
        columns["params"] = await requests.read(schedule.job_type, body.params, within="params")
    return ScheduleDetails.of(await parts.queue.schedules.change(schedule, columns))


@router.delete(
    "/{schedule_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=refuses(ScheduleNotFoundError),
)
async def delete_schedule(schedule_id: UUID, user: CurrentUser, parts: PartsDep) -> None:
    """End one of your schedules. Its jobs stay."""
    if not await parts.queue.schedules.delete(schedule_id, user.id):
        raise ScheduleNotFoundError


@router.post(
    "/{schedule_id}/run",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {
            "model": RequestedJob,
            "description": "It exists already: the same key, or one active of its type.",
            **carries("Location"),
        },
        201: carries("Location"),
        **refuses(
            ScheduleNotFoundError, UnknownJobTypeError, ProjectRequiredError, *ENQUEUE_REFUSALS
        ),
    },
)
async def run_schedule(  # noqa: PLR0913 - each argument is a part of the request
    schedule_id: UUID,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> RequestedJob:
    """Request a job of one of your schedules now, besides its plan."""
    schedule = await read_schedule(parts.database, user, schedule_id)
    job = await requests.enqueue(
        user.id,
        schedule.job_type,
        schedule.params_for_now,
        within="params",
        idempotency_key=idempotency_key,
        **schedule.options,
    )
    if job.existing:
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = requests.locate(f"jobs/{job.id}")
    return job
