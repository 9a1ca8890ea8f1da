"""The HTTP API under 50 clients, beside the bare calls that its routes make."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx

from benchmarks import app
from benchmarks.api import Api, open_database
from benchmarks.measure import find_percentile
from benchmarks.server import Server
from benchmarks.sizes import Sizes
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.database import Database
from supajobs.queue import JobQueue

CLIENTS = 50
LOAD = 0.5  # of what the route can bear
ROUNDS = 3
WARMING_UP = (1, 5, 10, 20, CLIENTS)  # a cold server refuses a crowd: its connections take a while

Call = Callable[[int], Awaitable[object]]


@dataclass(frozen=True)
class Route:
    """A route, what its bare call is, and both as the n-th client makes them."""

    name: str
    bare_name: str
    call: Call
    bare_call: Call


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("requests are measured over HTTP")
    with supajobs.install(server):
        return asyncio.run(_measure(server, server.api, sizes.request_seconds))


async def _measure(server: Server, api: Api, seconds: float) -> list[Table]:
    async with (
        app.serve(api, job_seconds=None) as url,
        app.signed_up(server, api, CLIENTS) as users,
        app.open_client(url, CLIENTS) as client,
    ):
        database = open_database(api)
        running, waiting = await _enqueue_some(JobQueue(database), users)
        routes = _list_routes(client, database, users, running, waiting)
        tables = [await _compare(route, seconds) for route in routes]
        await database.close()
    return tables


async def _enqueue_some(
    queue: JobQueue, users: Sequence[app.User]
) -> tuple[list[UUID], list[UUID]]:
    """A job of each user that runs, and one that waits."""
    both: list[list[UUID]] = []
    for _ in range(2):
        enqueued = [
            await queue.enqueue(user_id=user.id, job_type=QUEUE, params={}) for user in users
        ]
        both.append([each.job.id for each in enqueued])
        if len(both) == 1:
            await queue.claim(
                claim_id=uuid4(), worker_id="benchmark", max_jobs=len(users), job_types=[QUEUE]
            )
    return both[0], both[1]


def _list_routes(
    client: httpx.AsyncClient,
    database: Database,
    users: Sequence[app.User],
    running: Sequence[UUID],
    waiting: Sequence[UUID],
) -> list[Route]:
    async def create(number: int) -> None:
        user = users[number]
        answer = await client.post("/v1/jobs", json={"job_type": QUEUE}, headers=user.headers)
        answer.raise_for_status()

    async def enqueue(number: int) -> None:
        arguments: dict[str, object] = {
            "p_user_id": str(users[number].id),
            "p_job_type": QUEUE,
            "p_params": {},
            "p_idempotency_key": str(uuid4()),
        }
        await database.service.rpc("enqueue_plan_job", arguments).execute()

    def get(jobs: Sequence[UUID]) -> Call:
        async def get(number: int) -> None:
            answer = await client.get(f"/v1/jobs/{jobs[number]}", headers=users[number].headers)
            answer.raise_for_status()

        return get

    def read(jobs: Sequence[UUID]) -> Call:
        async def read(number: int) -> None:
            arguments = {"p_job_id": str(jobs[number]), "p_user_id": str(users[number].id)}
            await database.service.rpc("get_plan_job", arguments).execute()

        return read

    bare_get = "supabase-py: rpc get_plan_job"
    return [
        Route("GET /v1/jobs/{id}, running", bare_get, get(running), read(running)),
        Route("GET /v1/jobs/{id}, waiting", bare_get, get(waiting), read(waiting)),
        Route("POST /v1/jobs", "supabase-py: rpc enqueue_plan_job", create, enqueue),
    ]


async def _compare(route: Route, seconds: float) -> Table:
    for clients in WARMING_UP:
        await asyncio.gather(*map(route.call, range(clients)))
    bearable = await _saturate(route.call, seconds)
    samples: dict[str, list[float]] = {route.bare_name: [], route.name: []}
    for _ in range(ROUNDS):
        for name, call in ((route.bare_name, route.bare_call), (route.name, route.call)):
            samples[name] += await _pace(call, bearable * LOAD, seconds)
    metrics = [
        Metric(
            f"p{percent}",
            "ms",
            {name: find_percentile(each, percent) * 1000 for name, each in samples.items()},
            compared_to=[route.bare_name],
        )
        for percent in (50, 95, 99)
    ]
    return Table(
        title=f"{route.name}: {CLIENTS} clients, {bearable * LOAD:,.0f} requests/s",
        metrics=metrics,
        note=f"Half of the {bearable:,.0f} requests/s that the route bears.",
    )


async def _saturate(call: Call, seconds: float) -> float:
    """Calls per second of clients that do not pause."""
    ends_at = time.monotonic() + seconds

    async def hurry(number: int) -> int:
        calls = 0
        while time.monotonic() < ends_at:
            with contextlib.suppress(httpx.HTTPStatusError):  # 503: that was one too many
                await call(number)
                calls += 1
        return calls

    return sum(await asyncio.gather(*map(hurry, range(CLIENTS)))) / seconds


async def _pace(call: Call, rate: float, seconds: float) -> list[float]:
    """How long each call took, counted from when its time had come."""
    samples: list[float] = []
    gap = CLIENTS / rate
    begun = time.monotonic()

    async def go(number: int) -> None:
        due = begun + random.uniform(0, gap)  # noqa: S311 - no secret
        while due < begun + seconds:
            await asyncio.sleep(max(0, due - time.monotonic()))
            with contextlib.suppress(httpx.HTTPStatusError):  # 503, after a wait that counts
                await call(number)
            samples.append(time.monotonic() - due)
            due += gap

    await asyncio.gather(*map(go, range(CLIENTS)))
    return samples
