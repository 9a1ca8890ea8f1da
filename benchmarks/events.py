"""A thousand watchers of as many jobs, each with an event stream, on one process of the API."""

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from benchmarks import app
from benchmarks.api import Api, open_database
from benchmarks.measure import find_percentile
from benchmarks.server import Server, connect, fetch_value
from benchmarks.sizes import Sizes
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.jobs import ClaimedJob, Progress
from supajobs.queue.answers import Beat
from supajobs.queue.job_queue import JobQueue

USERS = 10
CHANGES = 10
PATIENCE = 30  # s; for a change to reach everybody
ASK_AGAIN = 0.2  # s; after the server had no room
ENTRANCES = 16  # streams that are opened at a time: each begins with a query of its own

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("events come over HTTP")
    with supajobs.install(server):
        return [asyncio.run(_watch(server, server.api, sizes))]


async def _watch(server: Server, api: Api, sizes: Sizes) -> Table:
    watchers = sizes.watchers
    async with (
        app.signed_up(server, api, USERS) as users,
        app.serve(api, job_seconds=None) as url,
    ):
        database = open_database(api)
        queue = JobQueue(database)
        owners = await _enqueue(queue, users, watchers)
        jobs = await queue.claim(
            claim_id=uuid4(), worker_id="benchmark", max_jobs=watchers, job_types=[QUEUE]
        )
        await asyncio.sleep(sizes.statistics_seconds)
        alone = await _count_transactions(server, sizes.idle_seconds)
        async with asyncio.TaskGroup() as streams:
            audience = Audience(watchers)
            tasks = [
                streams.create_task(audience.watch(url, owners[job.id], job.id)) for job in jobs
            ]
            await audience.wait_for_all()
            await asyncio.sleep(sizes.statistics_seconds)
            watched = await _count_transactions(server, sizes.idle_seconds)
            delays: list[float] = []
            for number in range(CHANGES):
                delays += await _change(queue, audience, jobs, number)
            for task in tasks:
                task.cancel()
        await database.close()
    metrics = [
        Metric("database", "transactions/s", {"without watchers": alone, "with": watched}, ()),
        Metric("change → watcher, p50", "s", {"with": find_percentile(delays, 50)}, ()),
        Metric("→ the last one", "s", {"with": max(delays)}, ()),
    ]
    return Table(
        title=f"{watchers:,} watchers on one process of the API",
        metrics=metrics,
        note=f"{CHANGES} times the progress of all jobs changes, from before the heartbeat.",
    )


async def _enqueue(queue: JobQueue, users: Sequence[app.User], jobs: int) -> dict[UUID, app.User]:
    owners: dict[UUID, app.User] = {}
    for number in range(jobs):
        user = users[number % len(users)]
        enqueued = await queue.enqueue(user_id=user.id, job_type=QUEUE, params={})
        owners[enqueued.job.id] = user
    return owners


async def _count_transactions(server: Server, seconds: float) -> float:
    """Per second, over so many seconds."""
    counts: list[int] = []
    statement = "select xact_commit from pg_stat_database where datname = current_database()"
    with connect(server.url) as sql:
        for wait in (seconds, 0):
            counts.append(fetch_value(sql, statement))
            await asyncio.sleep(wait)
    return (counts[1] - counts[0]) / seconds


async def _change(
    queue: JobQueue, audience: "Audience", jobs: Sequence[ClaimedJob], number: int
) -> list[float]:
    """Seconds until each watcher heard."""
    audience.forget()
    progress = Progress(phase="counting", percentage=number, message=f"{number} of {CHANGES}")
    started = time.monotonic()
    await queue.heartbeat(
        [Beat(job_id=job.id, claim_id=job.claim_id, progress=progress) for job in jobs]
    )
    await audience.wait_for_all()
    return [heard_at - started for heard_at in audience.heard_at]


class Audience:
    """The watchers together: when each heard of the latest change."""

    def __init__(self, size: int) -> None:
        self.heard_at: list[float] = []
        self._size = size
        self._all_heard = asyncio.Event()
        self._entrances = asyncio.Semaphore(ENTRANCES)

    def forget(self) -> None:
        self.heard_at.clear()
        self._all_heard.clear()

    async def wait_for_all(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._all_heard.wait()

    async def watch(self, url: str, user: app.User, job_id: UUID) -> None:
        """Reads one stream."""
        async with self._entrances:
            reader, writer = await _open_stream(url, user, job_id)
            self._hear(await _read_event(reader))
        try:
            while True:
                self._hear(await _read_event(reader))
        finally:
            writer.close()

    def _hear(self, heard_at: float) -> None:
        self.heard_at.append(heard_at)
        if len(self.heard_at) == self._size:
            self._all_heard.set()


async def _open_stream(url: str, user: app.User, job_id: UUID) -> Stream:
    """A bare socket: a thousand of httpx would take the CPU themselves.

    A cold server may have no room (503) for who comes early, who then asks again.
    """
    address = urlsplit(url)
    while True:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            f"GET /v1/jobs/{job_id}/events HTTP/1.1\r\n"
            f"Host: {address.netloc}\r\n"
            f"Authorization: Bearer {user.access_token}\r\n\r\n".encode()
        )
        status = await reader.readline()
        if b" 200 " in status:
            return reader, writer
        writer.close()
        if b" 503 " not in status:
            raise ConnectionError(f"no stream of events: {status!r}")
        await asyncio.sleep(ASK_AGAIN)


async def _read_event(reader: asyncio.StreamReader) -> float:
    """When the next one came."""
    while line := await reader.readline():
        if line.startswith(b"event: job"):
            return time.monotonic()
    raise ConnectionError("the stream ended early")
