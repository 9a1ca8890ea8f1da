"""The job types of projects: what a repository's plan says, and what its code shows."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict

from supajobs.handlers.projects.git import FetchLimits, Source, fetch, sweep_left_overs
from supajobs.handlers.projects.project import (
    PROJECT_PROCESSING,
    PROJECT_REFRESH,
    SKILLS_EXTRACTION,
)
from supajobs.handlers.projects.records import Projects
from supajobs.handlers.projects.skills import Skills, find_skills
from supajobs.handlers.projects.task_list import read_plan
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.settings import Settings

LIMITS = FetchLimits(
    max_bytes=500_000_000,
    max_file_bytes=2_000_000,
    max_files=200_000,
    seconds=180,  # of the 300 that the row in plan_job_types gives an attempt
)
DATABASE_PATIENCE = 10.0  # s; the next attempt may fare better


class ProjectParams(BaseModel):
    """Nothing: the job's project_id says which, and its row where that is."""

    model_config = ConfigDict(extra="forbid")


def create_project_types(settings: Settings) -> list[JobType[Any]]:
    """The three of them. What each finds is stored by `supajobs.store_project`."""

    async def refresh(job: RunningJob, _params: ProjectParams) -> Completed:
        """The tasks of a project's plan, and the skills that its code shows, of one commit."""
        return await _look(job, settings, reads_plan=True, reads_skills=True)

    async def process(job: RunningJob, _params: ProjectParams) -> Completed:
        """The tasks of a project's plan, and how far they are."""
        return await _look(job, settings, reads_plan=True, reads_skills=False)

    async def extract(job: RunningJob, _params: ProjectParams) -> Completed:
        """The languages, frameworks and tools that a project's code shows."""
        return await _look(job, settings, reads_plan=False, reads_skills=True)

    handles = {PROJECT_REFRESH: refresh, PROJECT_PROCESSING: process, SKILLS_EXTRACTION: extract}
    return [
        JobType(name, ProjectParams, handle, description=handle.__doc__ or "")
        for name, handle in handles.items()
    ]


async def _look(
    job: RunningJob, settings: Settings, *, reads_plan: bool, reads_skills: bool
) -> Completed:
    """Fetches the job's repository once, and hands in what is found there."""
    async with _open_projects(settings) as projects:
        place, token = await projects.find_place(job.claimed)
    source = Source(
        url=place.repository_url,
        branch=place.branch,
        token=token,
        allow_files=settings.file_repositories,
    )
    await asyncio.to_thread(sweep_left_overs)  # of processes that were killed as they fetched
    job.report(Progress(phase="fetching", percentage=5, message="The repository is fetched."))
    async with fetch(source, limits=LIMITS) as tree:
        found: dict[str, Any] = {
            "source": place.model_dump(),
            "commit_id": tree.commit,
            "committed_at": tree.committed_at,
        }
        if reads_plan:
            job.report(Progress(phase="reading", percentage=40, message="The plan is read."))
            found["plan"] = await read_plan(tree, place.plan_path)
        if reads_skills:
            skills = await find_skills(tree, _reporting(job))
            found["skills"] = await asyncio.to_thread(_list_rows, skills)
            if reads_plan:
                found["plan"]["warnings"] += [asdict(each) for each in skills.warnings]
    return Completed(result={}, store=found)


@contextlib.asynccontextmanager
async def _open_projects(settings: Settings) -> AsyncGenerator[Projects]:
    """For one question: a job asks no more, and may run in any event loop."""
    database = Database(settings, patience=DATABASE_PATIENCE)
    try:
        yield Projects(database)
    finally:
        await database.close()


def _reporting(job: RunningJob) -> Callable[[float], None]:
    """Tells of the share of the skills that is found: it is the second half of the work."""

    def report(share: float) -> None:
        percentage = 50 + int(45 * min(1.0, max(0.0, share)))
        message = "The code is looked through."
        job.report(Progress(phase="looking", percentage=percentage, message=message))

    return report


def _list_rows(skills: Skills) -> list[dict[str, Any]]:
    languages = [
        {"kind": "language", "name": each.name, "bytes": each.bytes, "share": each.share}
        for each in skills.languages
    ]
    return languages + [asdict(each) for each in skills.tools]
