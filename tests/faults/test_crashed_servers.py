"""Servers crash while people enqueue and a processor works: nobody loses or doubles anything."""

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg.rows import dict_row
from tests.faults.entrance import entrance
from tests.faults.invariants import Invariants
from tests.faults.scene import add_user
from tests.parts import NoParams, Sql, make_processor, make_settings
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import Stack, StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

Faults = Counter[str]


@contextlib.asynccontextmanager
async def impatient(database: Database) -> AsyncGenerator[Database]:
    # A request that a dying connection leaves without an answer: not to wait 10 s for each.
    database.http.timeout = httpx.Timeout(2.0)
    try:
        yield database
    finally:
        await database.close()


class Rush:
    """Three people who enqueue one job after the other, and a processor that runs them."""

    def __init__(self, queue: JobQueue, user_id: UUID, job_type: str) -> None:
        self.requested: list[UUID] = []
        self.handled = 0
        self._queue = queue
        self._user_id = user_id
        self._job_type = job_type

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncGenerator["Rush"]:
        """Until all that was requested has been done."""
        processor = make_processor(
            self._queue, JobType(self._job_type, NoParams, self._handle), concurrency=8
        )
        working = asyncio.create_task(processor.work(poll_seconds=0.1))
        is_over = asyncio.Event()
        people = [asyncio.create_task(self._enqueue_until(is_over)) for _ in range(3)]
        try:
            yield self
            is_over.set()
            await asyncio.gather(*people)
            await processor.drain()
        finally:
            is_over.set()
            processor.stop()
            await asyncio.gather(working, *people)

    async def goes_on(self) -> None:
        """Returns when there were some more requests and some more jobs."""
        requested, handled = len(self.requested), self.handled
        await eventually(
            lambda: len(self.requested) > requested + 5 and self.handled > handled + 5, within=30
        )

    async def _enqueue_until(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            enqueued = await self._queue.enqueue(
                user_id=self._user_id, job_type=self._job_type, params={}
            )
            self.requested.append(enqueued.job.id)
            await asyncio.sleep(0.02)

    async def _handle(self, _job: RunningJob, _params: NoParams) -> Completed:
        await asyncio.sleep(0.05)
        self.handled += 1
        return Completed(plan={})


async def crash_postgres(doomed: Stack, info: StackInfo, faults: Faults) -> None:
    """What `pg_ctl stop -m immediate` does, no checkpoint; and the host takes REST down as well."""
    os.kill(info.pids["postgres"], signal.SIGQUIT)
    os.kill(info.pids["rest"], signal.SIGKILL)
    faults["database crashed"] += 1
    await asyncio.to_thread(doomed.up)


async def crash_a_backend(doomed: Stack, info: StackInfo, faults: Faults) -> None:
    """What the kernel does when memory runs out: Postgres ends all sessions and recovers."""
    with Sql.connect(info.superuser_db_url, autocommit=True, row_factory=dict_row) as sql:
        backends = sql.execute(
            "select pid from pg_stat_activity where backend_type = 'client backend' "
            "and pid <> pg_backend_pid() order by query_start desc nulls last"
        ).fetchall()
        os.kill(backends[0]["pid"], signal.SIGKILL)
    faults["database crashed"] += 1


async def kill_rest(doomed: Stack, info: StackInfo, faults: Faults) -> None:
    os.kill(info.pids["rest"], signal.SIGKILL)
    faults["REST server killed"] += 1
    await asyncio.to_thread(doomed.up)


@pytest.mark.parametrize(
    ("crash", "times"), [(crash_postgres, 2), (crash_a_backend, 8), (kill_rest, 4)]
)
async def test_all_that_was_requested_is_done_once(
    crash: Callable[[Stack, StackInfo, Faults], Awaitable[None]],
    times: int,
    doomed: Stack,
    faults: Faults,
    rounds: int,
) -> None:
    info = doomed.up()
    job_type = f"type_{uuid4().hex[:12]}"
    with Sql.connect(info.db_url, autocommit=True, row_factory=dict_row) as sql:
        user_id = add_user(sql)
        sql.execute("insert into plan_job_types (job_type) values (%s)", [job_type])
    async with (
        entrance(doomed, info) as url,
        impatient(Database(make_settings(info, supabase_url=url), patience=20)) as database,
        Rush(JobQueue(database), user_id, job_type).going_on() as rush,
    ):
        for _ in range(times * rounds):
            await rush.goes_on()
            now = doomed.status()
            assert now
            await crash(doomed, now, faults)
        await rush.goes_on()

    with Sql.connect(doomed.up().db_url, autocommit=True, row_factory=dict_row) as sql:
        jobs = sql.execute(
            "select id, status, crash_count, (select count(*) from weekly_base_plans "
            "where job_id = job.id) as plans from plan_generation_jobs as job "
            "where job_type = %s order by id",
            [job_type],
        ).fetchall()
        invariants = Invariants(sql)
        invariants.job_types.append(job_type)
        invariants.check()
        invariants.finish()
    assert [job["id"] for job in jobs] == sorted(rush.requested)
    # The crashes were shorter than the leases, and the processor insisted.
    assert {(job["status"], job["crash_count"], job["plans"]) for job in jobs} == {
        ("completed", 0, 1)
    }
