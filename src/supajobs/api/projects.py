from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from supajobs.api.caching import PERSONAL
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import IdempotencyKey, Parts, PartsDep
from supajobs.api.own_projects import (
    ProjectFilters,
    TaskFilters,
    read_points,
    read_project,
    read_project_jobs,
    read_projects,
    read_skills,
    read_tasks,
)
from supajobs.api.pages import link_next
from supajobs.api.preferences import PreferredWait
from supajobs.api.problems import refuses
from supajobs.api.project_bodies import (
    ProjectEdit,
    ProjectJobPage,
    ProjectPage,
    ProjectProgressDetails,
    ProjectRequest,
    ProjectSkills,
    ProjectTasks,
)
from supajobs.api.requested_jobs import RequestedJob
from supajobs.api.requests import ENQUEUE_REFUSALS, JobRequestsDep
from supajobs.api.schema import carries
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import (
    EnqueueRateLimitedError,
    InvalidRequestError,
    ProviderKeysNotOfferedError,
    UserGoneError,
)
from supajobs.handlers.projects import (
    PROJECT_REFRESH,
    ProjectDetails,
    Projects,
    check_branch,
    check_url,
)
from supajobs.handlers.projects.refusals import (
    ProjectNameTakenError,
    ProjectNotFoundError,
    TooManyProjectsError,
)
from supajobs.job_options import Priority
from supajobs.outcomes import PermanentError

router = APIRouter(prefix="/projects", tags=["projects"], route_class=StrictJsonRoute)


def _require_sound(parts: Parts, body: ProjectRequest | ProjectEdit) -> None:
    """Refuses what no job would fetch, as far as names themselves tell."""
    field = "repository_url"
    try:
        if body.repository_url is not None:
            check_url(body.repository_url, allow_files=parts.settings.file_repositories)
        field = "branch"
        if body.branch is not None:
            check_branch(body.branch)
    except PermanentError as error:
        raise InvalidRequestError([{"loc": (field,), "msg": error.error.message}]) from error


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {
            "model": ProjectDetails,
            "description": "You have it already, just so.",
            **carries("Location"),
        },
        201: carries("Location"),
        **refuses(
            UserGoneError,
            ProjectNameTakenError,
            TooManyProjectsError,
            EnqueueRateLimitedError,
            ProviderKeysNotOfferedError,
        ),
    },
)
async def add_project(
    body: ProjectRequest,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
    response: Response,
) -> ProjectDetails:
    """Connect a repository. Nothing is fetched yet: ask for a refresh."""
    _require_sound(parts, body)
    columns = {name: value for name, value in body if value is not None}
    project, is_new = await Projects(parts.database).add(user.id, columns)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = requests.locate(f"projects/{project.id}")
    return project


@router.get("", responses={200: carries("Link")})
async def list_projects(
    filters: Annotated[ProjectFilters, Query()],
    user: CurrentUser,
    parts: PartsDep,
    request: Request,
    response: Response,
) -> ProjectPage:
    """List your projects, newest first. While there are more, `Link` leads to the next page."""
    found = await read_projects(parts.database, user, filters)
    page = found[: filters.limit]
    if len(found) > len(page):
        response.headers["Link"] = link_next(request, page[-1].id)
    response.headers.update(PERSONAL)
    return ProjectPage(projects=page)


@router.get("/{project_id}", responses=refuses(ProjectNotFoundError))
async def get_project(
    project_id: UUID, user: CurrentUser, parts: PartsDep, response: Response
) -> ProjectDetails:
    """Get one of your projects, with what was found there at last."""
    response.headers.update(PERSONAL)
    return await read_project(parts.database, user, project_id)


@router.patch(
    "/{project_id}",
    responses=refuses(ProjectNotFoundError, ProjectNameTakenError, ProviderKeysNotOfferedError),
)
async def change_project(
    project_id: UUID, body: ProjectEdit, user: CurrentUser, parts: PartsDep
) -> ProjectDetails:
    """Change one of your projects. What was found elsewhere is forgotten."""
    _require_sound(parts, body)
    return await Projects(parts.database).change(project_id, user.id, body.list_columns())


@router.delete(
    "/{project_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=refuses(ProjectNotFoundError),
)
async def delete_project(project_id: UUID, user: CurrentUser, parts: PartsDep) -> None:
    """Delete one of your projects and what was found there. Its jobs end."""
    await Projects(parts.database).delete(project_id, user.id)
    parts.watcher.nudge()


@router.post(
    "/{project_id}/refresh",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {
            "model": RequestedJob,
            "description": "It is on its way already, or the same key came before.",
            **carries("Location", "Preference-Applied"),
        },
        201: carries("Location", "Preference-Applied"),
        202: {
            "model": RequestedJob,
            "description": "It has not ended in the time that `Prefer: wait` gave it.",
            **carries("Location", "Preference-Applied"),
        },
        **refuses(ProjectNotFoundError, *ENQUEUE_REFUSALS),
    },
)
async def refresh_project(  # noqa: PLR0913 - each argument is a part of the request
    project_id: UUID,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
    wait: PreferredWait,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> RequestedJob:
    """Have the plan and the skills read anew, of one commit; one refresh at a time."""
    await read_project(parts.database, user, project_id)
    if pause := await Projects(parts.database).find_pause(project_id, user.id, idempotency_key):
        raise EnqueueRateLimitedError(retry_after=pause)
    job = await requests.enqueue(
        user.id,
        PROJECT_REFRESH,
        {},
        within="",
        idempotency_key=idempotency_key,
        wait=wait,
        project_id=project_id,
        priority=Priority.HIGH,
    )
    if wait and not job.has_ended:
        response.status_code = status.HTTP_202_ACCEPTED
    elif job.existing:
        response.status_code = status.HTTP_200_OK
    response.headers["Location"] = requests.locate(f"jobs/{job.id}")
    return job


@router.get("/{project_id}/jobs", responses={200: carries("Link"), **refuses(ProjectNotFoundError)})
async def list_project_jobs(  # noqa: PLR0913 - each argument is a part of the request
    project_id: UUID,
    filters: Annotated[ProjectFilters, Query()],
    user: CurrentUser,
    parts: PartsDep,
    request: Request,
    response: Response,
) -> ProjectJobPage:
    """List what was done for one of your projects, newest first: how it ended and what changed."""
    await read_project(parts.database, user, project_id)
    found = await read_project_jobs(parts.database, user, project_id, filters)
    page = found[: filters.limit]
    if len(found) > len(page):
        response.headers["Link"] = link_next(request, page[-1].id)
    response.headers.update(PERSONAL)
    return ProjectJobPage(jobs=page)


@router.get(
    "/{project_id}/tasks", responses={200: carries("Link"), **refuses(ProjectNotFoundError)}
)
async def list_project_tasks(  # noqa: PLR0913 - each argument is a part of the request
    project_id: UUID,
    filters: Annotated[TaskFilters, Query()],
    user: CurrentUser,
    parts: PartsDep,
    request: Request,
    response: Response,
) -> ProjectTasks:
    """List the tasks of a project's plan, in its order."""
    await read_project(parts.database, user, project_id)
    found = await read_tasks(parts.database, user, project_id, filters)
    page = found[: filters.limit]
    if len(found) > len(page):
        response.headers["Link"] = link_next(request, page[-1].position)
    response.headers.update(PERSONAL)
    return ProjectTasks(tasks=page)


@router.get("/{project_id}/skills", responses=refuses(ProjectNotFoundError))
async def list_project_skills(
    project_id: UUID, user: CurrentUser, parts: PartsDep, response: Response
) -> ProjectSkills:
    """List the languages, frameworks and tools that a project's code shows."""
    project = await read_project(parts.database, user, project_id)
    skills = await read_skills(parts.database, user, project_id)
    response.headers.update(PERSONAL)
    return ProjectSkills(
        commit_id=project.commit_id, extracted_at=project.skills_extracted_at, skills=skills
    )


@router.get("/{project_id}/progress", responses=refuses(ProjectNotFoundError))
async def get_project_progress(
    project_id: UUID, user: CurrentUser, parts: PartsDep, response: Response
) -> ProjectProgressDetails:
    """Get how far a project's plan is: in all, by phase, and over time."""
    project = await read_project(parts.database, user, project_id)
    history = await read_points(parts.database, user, project_id)
    response.headers.update(PERSONAL)
    return ProjectProgressDetails(progress=project.progress, phases=project.phases, history=history)
