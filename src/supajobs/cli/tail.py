"""New states of jobs as they come, seen by looking once a second."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from supajobs.cli.asking import OpenProject, Outage
from supajobs.cli.job_records import read_job, select_jobs
from supajobs.errors import JobNotFoundError
from supajobs.jobs import JobStatus, JobSummary
from supajobs.queue.job_rows import JobRow

POLL_SECONDS = 1.0
_MAX_ROWS = 1000  # in an answer, as PostgREST is set on hosted projects
_MAX_KNOWN = 10_000
_LOOKS_PER_BACKLOG = 10
_LATE_MILLISECONDS = 5000  # an id may become visible this long after a later one

_rows = TypeAdapter(list[JobRow])


async def follow_job(project: OpenProject, job_id: UUID) -> AsyncGenerator[JobSummary]:
    """The state of a job and each later one, until it has ended.

    Raises:
        JobNotFoundError: there is no such job, or no more.
    """
    job = _summarise(await read_job(project.database, job_id))
    outage = Outage()
    yield job
    while not job.has_ended:
        await asyncio.sleep(POLL_SECONDS)
        with outage.borne():
            changes = await project.queue.get_changed({job_id: job.updated_at})
            if changes.gone:
                raise JobNotFoundError(f"Job {job_id} was deleted.")
            for newest in map(_summarise, changes.jobs):
                if _differ(newest, job):
                    yield newest
                job = newest


async def follow_queue(project: OpenProject, job_type: str | None) -> AsyncGenerator[JobSummary]:
    """Each state of any job (of one type) that is new from now on."""
    queue, outage = _FollowedQueue(project, job_type), Outage()
    await queue.look()
    while True:
        await asyncio.sleep(POLL_SECONDS)
        with outage.borne():
            for job in await queue.look():
                yield job


class _FollowedQueue:
    """The latest known states of jobs.

    No index is in the order of changes, so a look is several: at the known jobs that may change, at
    what runs, and at what came in. Known are the jobs on their way, of a longer backlog the
    thousand that are next, and the latest that ended, for they may be retried.
    """

    def __init__(self, project: OpenProject, job_type: str | None) -> None:
        self._project = project
        self._job_type = job_type
        self._known = dict[UUID, JobSummary]()
        self._newest_id: UUID | None = None
        self._looks = 0
        self._next_ids = set[UUID]()  # of a backlog too long to be known as a whole

    async def look(self) -> list[JobSummary]:
        """The states that are new since the last look."""
        changes = await self._project.queue.get_changed(self._choose_watched())
        for job_id in changes.gone:
            self._known.pop(job_id, None)
        news = self._take([*changes.jobs, *await self._read_running(), *await self._read_new()])
        if self._looks == 0 or (self._next_ids and self._looks % _LOOKS_PER_BACKLOG == 0):
            await self._take_backlog()
        self._looks += 1
        self._forget()
        return sorted(news, key=lambda job: job.updated_at)

    def _choose_watched(self) -> dict[UUID, datetime]:
        chosen = sorted(self._known.values(), key=self._rank)[:_MAX_ROWS]
        return {job.id: job.updated_at for job in chosen}

    def _rank(self, job: JobSummary) -> tuple[int, float]:
        """The lower, the likelier the job changes soon."""
        if job.has_ended:
            return 2, -job.updated_at.timestamp()
        waits = job.status == JobStatus.PENDING
        is_far_off = bool(self._next_ids) and waits and job.id not in self._next_ids
        return int(is_far_off), job.run_at.timestamp()

    async def _read_running(self) -> list[JobRow]:
        query = self._select().eq("status", JobStatus.PROCESSING)
        return await self._read(query.order("started_at", desc=True))

    async def _read_new(self) -> list[JobRow]:
        if self._newest_id is None:  # the latest of all types, for those of one may be far between
            query = select_jobs(self._project.database)
        else:
            since = max(0, (self._newest_id.int >> 80) - _LATE_MILLISECONDS)
            query = self._select().gte("id", str(UUID(int=since << 80)))
        found = await self._read(query.order("id", desc=True))
        self._newest_id = max([job.id for job in found] + [self._newest_id or UUID(int=0)])
        return [job for job in found if self._job_type in {None, job.job_type}]

    async def _take_backlog(self) -> None:
        query = self._select().eq("status", JobStatus.PENDING)
        backlog = await self._read(query.order("priority", desc=True).order("turn").order("id"))
        for job in backlog:
            self._known.setdefault(job.id, _summarise(job))  # which is no news
        # Those that were next and are no longer have begun to run: the next look will tell.
        next_ids = {each for each in self._next_ids if self._is_waiting(each)}
        next_ids.update(job.id for job in backlog)
        self._next_ids = next_ids if len(backlog) == _MAX_ROWS else set[UUID]()

    def _is_waiting(self, job_id: UUID) -> bool:
        job = self._known.get(job_id)
        return job is not None and job.status == JobStatus.PENDING

    def _take(self, jobs: Iterable[JobSummary]) -> list[JobSummary]:
        """Those that differ from what is known, which they then are."""
        news: list[JobSummary] = []
        for job in map(_summarise, jobs):
            known = self._known.get(job.id)
            if known is None or _differ(job, known):
                news.append(job)
            self._known[job.id] = job
        return news

    def _forget(self) -> None:
        ended = sorted(
            (job for job in self._known.values() if job.has_ended), key=lambda job: job.updated_at
        )
        for job in ended[: max(0, len(self._known) - _MAX_KNOWN)]:
            del self._known[job.id]

    def _select(self) -> Any:
        query = select_jobs(self._project.database)
        return query if self._job_type is None else query.eq("job_type", self._job_type)

    async def _read(self, query: Any) -> list[JobRow]:
        return await self._project.database.send(query.limit(_MAX_ROWS), _rows)


def _summarise(job: JobSummary) -> JobSummary:
    """Without what only some answers have, so that two states can be compared."""
    return JobSummary.model_construct(
        **{name: getattr(job, name) for name in JobSummary.model_fields}
    )


def _differ(job: JobSummary, other: JobSummary) -> bool:
    """Whether there is more between two states than a heartbeat."""
    return job.model_copy(update={"updated_at": other.updated_at}) != other
