"""What the operator's page is told: for all who have it open, asked for once."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from uuid import UUID

from pydantic import BaseModel

from supajobs.api.dashboard.kept_answers import KeptAnswers
from supajobs.api.health_check import HealthCheck
from supajobs.errors import SupabaseUnavailableError, UnknownJobTypeError
from supajobs.queue.bulk import JobFilter
from supajobs.queue.condition import QueueDescription, QueueHealth
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.overview import (
    JOB_TYPES,
    Costs,
    Hours,
    JobDetails,
    JobPage,
    JobTypeRow,
    Overview,
    Processor,
    Trigger,
)
from supajobs.queue.scale import QueueScale, read_scale
from supajobs.queue.schedule_rows import read_schedules
from supajobs.schedules import Schedule

NOW_AGE = 5.0  # s; the page asks as often
STILL_OPEN = 10.0  # s; a page that is open has asked again by then
PAST_AGE = 60.0  # s; of hours and costs
COUNTING = 0.5  # s; a week of many jobs is counted by and by
PAGE = 50  # schedules


class Now(BaseModel):
    """The queue as it is, and who works. While the database is away, all but health is older."""

    figures_at: datetime
    queue: QueueDescription
    health: QueueHealth
    processors: list[Processor]
    triggers: list[Trigger]
    scale: QueueScale
    job_types: list[JobTypeRow]


class DashboardAnswers:
    """Those of one process. Each is read once, however many ask, and kept for some seconds."""

    def __init__(
        self, database: Database, queue: JobQueue, overview: Overview, health_check: HealthCheck
    ) -> None:
        self._database = database
        self._queue = queue
        self._overview = overview
        self._health_check = health_check
        self._views = KeptAnswers()
        self._past = KeptAnswers()  # changes that are made here say nothing about it
        self._now: Now | None = None

    @property
    def view_age(self) -> float:
        """How many seconds a page of jobs, a job or schedules are kept.

        As many as different ones are open: so all together they are asked for once a second at
        most, whatever the number of those who look at them.
        """
        return max(NOW_AGE, self._views.count_wanted(STILL_OPEN))

    async def get_now(self) -> Now:
        """The queue as it is; with the figures of before, while the database is away.

        Raises:
            SupabaseUnavailableError: it is, and there were none.
        """
        return await self._views.get("now", NOW_AGE, self._read_now)

    async def _read_now(self) -> Now:
        try:
            self._now = await self._read_figures()
        except SupabaseUnavailableError:
            if self._now is None:
                raise
            # What is wrong, and what to do, is to be read then most of all.
            health = await self._health_check.get()
            self._now = self._now.model_copy(update={"health": health})
        return self._now

    async def _read_figures(self) -> Now:
        figures_at = datetime.now(UTC)
        queue, health, starters, scale, job_types = await asyncio.gather(
            self._queue.describe(),
            self._health_check.get(),
            self._overview.describe_starters(),
            read_scale(self._database, self._database.settings.worker_concurrency),
            self._read_job_types(),
        )
        return Now(
            figures_at=figures_at,
            queue=queue,
            health=health,
            processors=starters.processors,
            triggers=starters.schedules,
            scale=scale,
            job_types=job_types,
        )

    async def _read_job_types(self) -> list[JobTypeRow]:
        query = self._database.service.from_("plan_job_types").select(
            ",".join(JobTypeRow.model_fields)
        )
        return await self._database.send(query.order("job_type"), JOB_TYPES)

    async def get_job_type(self, job_type: str) -> JobTypeRow:
        """One of them, as it is now.

        Raises:
            UnknownJobTypeError: plan_job_types has no such type.
        """
        found = [each for each in await self._read_job_types() if each.job_type == job_type]
        if not found:
            raise UnknownJobTypeError
        return found[0]

    async def get_hours(self, hours: int, job_type: str | None) -> Hours:
        """What has ended in each of the last hours, as far as these are counted by now."""
        key = ("hours", hours, job_type)
        found = await self._past.get(key, PAST_AGE, lambda: self._read_hours(hours, job_type))
        if not found.is_complete:
            self._past.forget(key)
        return found

    async def _read_hours(self, hours: int, job_type: str | None) -> Hours:
        until = monotonic() + COUNTING
        while not await self._overview.count_hours(hours) and monotonic() < until:
            pass
        return await self._overview.describe_hours(hours, job_type)

    async def get_costs(self, days: int) -> Costs:
        """What was consumed in the last days."""
        return await self._past.get(
            ("costs", days), PAST_AGE, lambda: self._overview.describe_costs(days)
        )

    async def find_jobs(self, jobs: JobFilter, before: UUID | None) -> JobPage:
        """The newest of these jobs that are older than this one."""
        key = ("jobs", before, *((name, str(value)) for name, value in jobs.items()))
        ask = partial(self._overview.find_jobs, jobs, before)
        return await self._views.get(key, self.view_age, ask)

    async def describe_job(self, job_id: UUID) -> JobDetails:
        """All that is known of anybody's job.

        Raises:
            JobNotFoundError: it is not there, or no more.
        """
        ask = partial(self._overview.describe_job, job_id)
        return await self._views.get(job_id, self.view_age, ask)

    async def list_schedules(self, before: UUID | None) -> list[Schedule]:
        """The newest ones that are older than this one, and one more if there are more."""
        return await self._views.get(
            ("schedules", before),
            self.view_age,
            lambda: read_schedules(self._database, before=before, limit=PAGE),
        )

    def forget(self) -> None:
        """Asks anew from now on, but for hours and costs: somebody has changed something here."""
        self._views.forget_all()
