"""An always-on supajobs worker that tells, job by job, how late it heard: JOBS POLL_SECONDS."""

import asyncio

from benchmarks.api import open_database
from benchmarks.stopwatch import Stopwatch


async def watch(jobs: int, poll_seconds: float) -> None:
    database = open_database()
    stopwatch = Stopwatch(jobs)
    async with stopwatch.working(database, poll_seconds=poll_seconds):
        print("started", flush=True)
        await stopwatch.all_done.wait()
        print(*stopwatch.seconds, flush=True)
    await database.close()


def run(jobs: str, poll_seconds: str) -> None:
    asyncio.run(watch(int(jobs), float(poll_seconds)))
