"""Whether this machine has what jobs of projects fetch repositories with."""

import asyncio

from supajobs.doctor.finding import Verdict, error, ok
from supajobs.doctor.project import Project
from supajobs.handlers.projects.git.failures import RepositoryUnavailableError
from supajobs.handlers.projects.git.program import find_git


async def check_git(_project: Project) -> Verdict:
    """Whether git is here, and new enough."""
    try:
        program = await asyncio.to_thread(find_git)
    except RepositoryUnavailableError as failure:
        return error(
            f"Jobs of projects fail on this machine: {failure.__notes__[0].strip()}.",
            "Install it where jobs run (`apt-get install git`), or take `projects` out of "
            "JOB_FAMILIES there.",
        )
    return ok(f"{program} is new enough for jobs of projects.")
