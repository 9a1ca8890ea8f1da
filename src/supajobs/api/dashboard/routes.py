"""Its file and its figures, where the setting `dashboard` is on."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.exceptions import HTTPException

from supajobs.api.dashboard import job_types, jobs, projects, schedules, session
from supajobs.api.dashboard.answers import Now
from supajobs.api.dashboard.refusals import DashboardNotBuiltError
from supajobs.api.dashboard.session import require_session
from supajobs.api.dependencies import PartsDep
from supajobs.api.page import list_folders, send_page
from supajobs.queue.overview import MAX_DAYS, MAX_HOURS, Costs, Hours


async def _require_enabled(parts: PartsDep, response: Response) -> None:
    if not parts.settings.dashboard:
        raise HTTPException(404)
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(
    prefix="/dashboard", include_in_schema=False, dependencies=[Depends(_require_enabled)]
)
_api = APIRouter(prefix="/api", dependencies=[Depends(require_session)])


@router.get("")
async def get_dashboard(request: Request, parts: PartsDep) -> Response:
    """The page, also for who has not signed in: it has the form for that."""
    try:
        folders = await list_folders(parts)
        return await send_page(folders, "dashboard.html", request, parts.settings)
    except HTTPException:
        raise DashboardNotBuiltError from None


@_api.get("/now")
async def get_now(parts: PartsDep) -> Now:
    """The queue as it is, at most five seconds old."""
    return await parts.dashboard.get_now()


@_api.get("/hours")
async def get_hours(
    parts: PartsDep,
    hours: Annotated[int, Query(ge=1, le=MAX_HOURS)] = 24,
    job_type: Annotated[jobs.Text | None, Query()] = None,
) -> Hours:
    """What has ended in each of the last hours, at most a minute old."""
    return await parts.dashboard.get_hours(hours, job_type)


@_api.get("/costs")
async def get_costs(parts: PartsDep, days: Annotated[int, Query(ge=1, le=MAX_DAYS)] = 30) -> Costs:
    """What attempts have consumed, at most a minute old."""
    return await parts.dashboard.get_costs(days)


for resource in (jobs, job_types, projects, schedules):
    _api.include_router(resource.router)
router.include_router(session.router)
router.include_router(_api)
