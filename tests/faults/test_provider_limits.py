"""Four processors share a provider that takes 60 requests a minute, and 300 jobs want it.

The minutes are made short: again and again the project's clock is put forward, by moving all
recorded starts back. That happens while nobody can claim, when no other job may start, and every
job that has started has called the provider; so each start and each call is on one side of it, and
nobody is late who was kept waiting by the machine alone.
"""

import asyncio
import contextlib
import time
from bisect import bisect_left
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import Response
from tests.faults.scene import Scene
from tests.parts import NoParams, make_processor, make_settings
from tests.providers import Call, serve_provider
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

PROCESSORS = 4
JOBS = 300
LIMIT = 60  # starts in a minute
LEAP = 3.0  # s, by which the clock is put forward
PAUSE = 0.2  # s of real time between two leaps


@dataclass
class Clock:
    """The project's time: the real one, and what it was put forward by until then."""

    leaps: list[float] = field(default_factory=list[float])
    """When they were, in real time."""

    def read(self, real: float) -> float:
        return real + LEAP * bisect_left(self.leaps, real)


@dataclass
class Limited:
    """The jobs, and when which of them called the provider at `url`, in real time."""

    scene: Scene
    url: str = ""
    clock: Clock = field(default_factory=Clock)
    calls: dict[str, float] = field(default_factory=dict[str, float])

    def take(self, call: Call) -> Response:
        assert call.body["job_id"] not in self.calls, "a job called twice"
        self.calls[call.body["job_id"]] = time.time()
        return Response()

    def read_starts(self) -> dict[str, float]:
        """As the database has recorded the attempts."""
        rows = self.scene.sql.execute(
            "select job_id::text, extract(epoch from started_at)::float as at "
            "from plan_job_attempts where job_type = %s",
            [self.scene.job_type],
        ).fetchall()
        assert len({row["job_id"] for row in rows}) == len(rows), "a job started twice"
        return {row["job_id"]: row["at"] for row in rows}

    async def leap(self) -> None:
        await eventually(self.leap_if_it_is_quiet)

    def leap_if_it_is_quiet(self) -> bool:
        """Never waits for a call with the claims locked out: its job may come with a claim that
        has to ask again, as its answer was lost or late.
        """
        with self.scene.sql.transaction():
            self.scene.sql.execute(  # as claims do
                "select pg_advisory_xact_lock(hashtextextended(%s, 1))",
                [self.scene.job_type],
            )
            [row] = self.scene.sql.execute(
                "select "
                "  count(*) filter (where status <> 'pending') as begun, "
                "  count(*) filter (where status = 'pending') as waiting, "
                "  (select coalesce(sum(jobs), 0) from supajobs.starts "
                "   where job_type = %(type)s "
                "   and started_at > clock_timestamp() - interval '1 minute') as lately "
                "from plan_generation_jobs where job_type = %(type)s",
                {"type": self.scene.job_type},
            ).fetchall()
            if len(self.calls) < row["begun"] or (row["waiting"] and row["lately"] < LIMIT):
                return False
            self.clock.leaps.append(time.time())
            # Those that are locked, a sweep is deleting: they are older than a minute. Its claim
            # may wait for this one's lock, so this must not wait for it.
            self.scene.sql.execute(
                "update supajobs.starts set started_at = started_at - make_interval(secs => %s) "
                "where ctid = any(array("
                "  select ctid from supajobs.starts where job_type = %s for update skip locked))",
                [LEAP, self.scene.job_type],
            )
            return True


@pytest.fixture
async def limited(make_scene: Callable[..., Scene]) -> AsyncGenerator[Limited]:
    limited = Limited(make_scene(starts_per_minute=LIMIT))
    async with serve_provider(limited.take) as provider:
        limited.url = provider.url
        yield limited


@contextlib.asynccontextmanager
async def at_work(limited: Limited, stack: StackInfo) -> AsyncGenerator[None]:
    """Each processor with connections of its own, as in a process of its own."""
    async with contextlib.AsyncExitStack() as opened:
        # A call that is late is no failure: that would start its job once more.
        http = await opened.enter_async_context(httpx.AsyncClient(timeout=60))

        async def handle(job: RunningJob, params: NoParams) -> Completed:
            await http.post(limited.url, json={"job_id": str(job.claimed.id)})
            return Completed()

        async def work(database: Database) -> None:
            job_type = JobType(limited.scene.job_type, NoParams, handle)
            processor = make_processor(JobQueue(database), job_type, concurrency=5)
            opened.callback(processor.stop)
            await processor.work(poll_seconds=0.1)

        databases = [Database(make_settings(stack), patience=10) for _ in range(PROCESSORS)]
        for database in databases:
            opened.push_async_callback(database.close)
        working = [asyncio.create_task(work(database)) for database in databases]
        opened.push_async_callback(asyncio.wait, working)
        yield


def count_most(times: Iterable[float], seconds: float) -> int:
    """The most of them in any so many seconds."""
    ordered = sorted(times)
    return max(bisect_left(ordered, first + seconds) - place for place, first in enumerate(ordered))


async def test_no_minute_has_more_starts_than_the_provider_takes(
    limited: Limited, stack: StackInfo
) -> None:
    await limited.scene.enqueue(JOBS)
    async with at_work(limited, stack):
        while limited.scene.count("completed") < JOBS:
            await asyncio.sleep(PAUSE)
            await limited.leap()

    starts, calls = limited.read_starts(), limited.calls
    assert len(starts) == JOBS
    assert starts.keys() == calls.keys()
    told = [limited.clock.read(at) for at in starts.values()]
    assert count_most(told, 60) == LIMIT
    assert 240 < max(told) - min(told) < 270, "it waits as long as it must, and not much longer"

    # Between a start and its call lies the way of the claim's answer: by so much, calls can come
    # closer to each other than their starts.
    delays = [at - starts[job_id] for job_id, at in calls.items()]
    assert 0 < min(delays) < max(delays) < 5
    seen = [limited.clock.read(at) for at in calls.values()]
    assert count_most(seen, 60 - max(delays)) <= LIMIT
