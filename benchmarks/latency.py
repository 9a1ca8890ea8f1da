"""From the request of a job to the start of its handler, over HTTP, on an idle queue."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import Callable, Sequence
from uuid import UUID

from benchmarks.api import Api, open_database
from benchmarks.measure import find_percentile
from benchmarks.server import Server
from benchmarks.sizes import Sizes
from benchmarks.stopwatch import Sent, Stopwatch
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings

RATE = 100  # jobs per second
PATIENCE = 300  # s; in case a job is never handled
POLL_SECONDS: float = Settings.model_fields["worker_poll_seconds"].default
RPC = "one RPC"
HERE = "worker of the same process"
ELSEWHERE = "worker of another process"


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("latency is measured over HTTP")
    os.environ.update(server.api.environment)
    with supajobs.install(server) as system:
        measure = _measure(server.api, system.users, sizes.paced)
        samples = asyncio.run(asyncio.wait_for(measure, timeout=PATIENCE))
    metrics = [
        Metric(
            f"p{percent}",
            "ms",
            {row: find_percentile(seconds, percent) * 1000 for row, seconds in samples.items()},
            compared_to=[RPC],
        )
        for percent in (50, 95, 99)
    ]
    table = Table(
        title=f"Latency: from enqueue to the handler's start, {RATE} jobs/s",
        metrics=metrics,
        note=(
            "From before the enqueue call, so it holds two RPCs, the enqueue and the claim. The "
            f"other process hears of nothing; it looks every {POLL_SECONDS:g} s at the latest, "
            "and again whenever a job of its own has ended."
        ),
    )
    return [table]


async def _measure(api: Api, users: Sequence[UUID], jobs: int) -> dict[str, list[float]]:
    database = open_database()
    queue = JobQueue(database)
    samples = {RPC: await _time_calls(queue, users[0], jobs // 10)}

    stopwatch = Stopwatch(jobs)
    async with stopwatch.working(database, poll_seconds=POLL_SECONDS) as processor:
        await _enqueue_paced(queue, users, jobs, then=processor.wake)
        await stopwatch.all_done.wait()
    samples[HERE] = stopwatch.seconds

    samples[ELSEWHERE] = await _watch_elsewhere(api, queue, users, jobs)
    await database.close()
    return samples


async def _watch_elsewhere(
    api: Api, queue: JobQueue, users: Sequence[UUID], jobs: int
) -> list[float]:
    worker = await create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.workers", "watch", str(jobs), str(POLL_SECONDS)),
        env={**os.environ, **api.environment},
        stdout=PIPE,
        limit=2**20,  # the answer is one line
    )
    try:
        if worker.stdout is None or await worker.stdout.readline() != b"started\n":
            raise RuntimeError("the worker did not start")
        await _enqueue_paced(queue, users, jobs, then=lambda: None)
        return [float(number) for number in (await worker.stdout.readline()).split()]
    finally:
        worker.terminate()
        await worker.wait()


async def _time_calls(queue: JobQueue, user_id: UUID, calls: int) -> list[float]:
    """The cheapest question there is, at the same rate: a machine without a pause is faster."""
    samples: list[float] = []
    begun = time.monotonic()
    for number in range(calls):
        await asyncio.sleep(max(0, begun + number / RATE - time.monotonic()))
        started = time.monotonic()
        await queue.get_active(user_id, QUEUE)
        samples.append(time.monotonic() - started)
    return samples


async def _enqueue_paced(
    queue: JobQueue, users: Sequence[UUID], jobs: int, *, then: Callable[[], None]
) -> None:
    async def enqueue(user_id: UUID) -> None:
        params = Sent(sent_at=time.monotonic()).model_dump()
        await queue.enqueue(user_id=user_id, job_type=QUEUE, params=params)
        then()

    started = time.monotonic()
    async with asyncio.TaskGroup() as sending:
        for number in range(jobs):
            await asyncio.sleep(max(0, started + number / RATE - time.monotonic()))
            sending.create_task(enqueue(users[number % len(users)]))
