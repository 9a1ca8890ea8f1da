"""Procrastinate's worker: URL JOBS CONCURRENCY."""

import asyncio

from procrastinate import App, PsycopgConnector

from benchmarks.system import QUEUE
from benchmarks.workers import Countdown


async def drain(url: str, jobs: int, concurrency: int) -> None:
    app = App(connector=PsycopgConnector(conninfo=url, max_size=20))
    async with app.open_async():
        countdown = Countdown(jobs)

        async def handle() -> None:
            countdown.count()

        app.task(name=QUEUE)(handle)
        await app.run_worker_async(concurrency=concurrency, wait=False)


def run(url: str, jobs: str, concurrency: str) -> None:
    asyncio.run(drain(url, int(jobs), int(concurrency)))
