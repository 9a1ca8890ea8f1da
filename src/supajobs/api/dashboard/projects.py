from uuid import UUID

from fastapi import APIRouter

from supajobs.api.dependencies import PartsDep
from supajobs.handlers.projects import Project, Projects
from supajobs.handlers.projects.refusals import ProjectNotFoundError

router = APIRouter(prefix="/projects")


@router.get("/{project_id}")
async def get_project(project_id: UUID, parts: PartsDep) -> Project:
    """Where the jobs of a user's project look, and when that was read at last."""
    if "projects" not in parts.settings.job_families:
        raise ProjectNotFoundError
    return await Projects(parts.database).get(project_id)
