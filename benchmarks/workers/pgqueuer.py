"""PgQueuer's workers, as many connections in one process: URL JOBS WORKERS BATCH."""

# asyncpg has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

import asyncio

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from benchmarks.system import QUEUE
from benchmarks.workers import Countdown


async def drain(url: str, jobs: int, workers: int, batch: int) -> None:
    queuers = [PgQueuer(AsyncpgDriver(await asyncpg.connect(url))) for _ in range(workers)]
    countdown = Countdown(jobs)

    async def handle(_job: Job) -> None:
        countdown.count()

    for queuer in queuers:
        queuer.entrypoint(QUEUE)(handle)
    await asyncio.gather(
        *(queuer.run(batch_size=batch, mode=QueueExecutionMode.drain) for queuer in queuers)
    )


def run(url: str, jobs: str, workers: str, batch: str) -> None:
    uvloop.run(drain(url, int(jobs), int(workers), int(batch)))
