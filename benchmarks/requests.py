"""The HTTP API under many clients, beside the bare calls that its routes make.

They are made by supabase-py as it comes, and through the transport that supajobs gives it.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import httpx
from postgrest import AsyncPostgrestClient
from supabase import AsyncClient, create_async_client

from benchmarks import app
from benchmarks.api import Api, open_database
from benchmarks.measure import find_percentile
from benchmarks.server import Server
from benchmarks.sizes import Sizes
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.queue.job_queue import JobQueue

LOAD = 0.5  # of what the route can bear
WARMING_UP = (1, 5, 10, 20)  # a cold server refuses a crowd: its connections take a while

Supabase = AsyncClient | AsyncPostgrestClient
Call = Callable[[int], Awaitable[object]]


@dataclass(frozen=True)
class Route:
    """A route, its bare call by each client of Supabase, and all as the n-th user makes them."""

    name: str
    call: Call
    bare_calls: Mapping[str, Call]


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("requests are measured over HTTP")
    with supajobs.install(server):
        return asyncio.run(_measure(server, server.api, sizes))


async def _measure(server: Server, api: Api, sizes: Sizes) -> list[Table]:
    async with (
        app.signed_up(server, api, sizes.clients) as users,
        app.serve(api, job_seconds=None) as url,
        app.open_client(url, sizes.clients) as client,
    ):
        database = open_database(api)
        clients: dict[str, Supabase] = {
            "supabase-py": await create_async_client(api.url, api.secret_key),
            "supabase-py over aiohttp": database.service,
        }
        running, waiting = await _enqueue_some(JobQueue(database), users)
        routes = _list_routes(client, clients, users, running, waiting)
        tables = [await _compare(route, sizes) for route in routes]
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
    clients: Mapping[str, Supabase],
    users: Sequence[app.User],
    running: Sequence[UUID],
    waiting: Sequence[UUID],
) -> list[Route]:
    async def create(number: int) -> None:
        user = users[number]
        answer = await client.post("/v1/jobs", json={"job_type": QUEUE}, headers=user.headers)
        answer.raise_for_status()

    def enqueue(supabase: Supabase) -> Call:
        async def enqueue(number: int) -> None:
            arguments: dict[str, Any] = {
                "p_user_id": str(users[number].id),
                "p_job_type": QUEUE,
                "p_params": {},
                "p_idempotency_key": str(uuid4()),
            }
            await supabase.rpc("enqueue_plan_job", arguments).execute()

        return enqueue

    def get(jobs: Sequence[UUID]) -> Call:
        async def get(number: int) -> None:
            answer = await client.get(f"/v1/jobs/{jobs[number]}", headers=users[number].headers)
            answer.raise_for_status()

        return get

    def read(supabase: Supabase, jobs: Sequence[UUID]) -> Call:
        async def read(number: int) -> None:
            arguments = {"p_job_id": str(jobs[number]), "p_user_id": str(users[number].id)}
            await supabase.rpc("get_plan_job", arguments).execute()

        return read

    def list_gets(state: str, jobs: Sequence[UUID]) -> Route:
        bare_calls = {f"get_plan_job, {name}": read(each, jobs) for name, each in clients.items()}
        return Route(f"GET /v1/jobs/{{id}}, {state}", get(jobs), bare_calls)

    enqueues = {f"enqueue_plan_job, {name}": enqueue(each) for name, each in clients.items()}
    return [
        list_gets("running", running),
        list_gets("waiting", waiting),
        Route("POST /v1/jobs", create, enqueues),
    ]


async def _compare(route: Route, sizes: Sizes) -> Table:
    clients, seconds = sizes.clients, sizes.request_seconds
    for number in (*WARMING_UP, clients):
        await asyncio.gather(*(_try(route.call, each) for each in range(min(number, clients))))
    bearable = await _saturate(route.call, clients, seconds)
    calls = {**route.bare_calls, route.name: route.call}
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(sizes.request_rounds):
        for name, call in calls.items():
            samples[name] += await _pace(call, clients, bearable * LOAD, seconds)
    metrics = [
        Metric(
            f"p{percent}",
            "ms",
            {name: find_percentile(each, percent) * 1000 for name, each in samples.items()},
            compared_to=list(route.bare_calls),
        )
        for percent in (50, 95, 99)
    ]
    return Table(
        title=f"{route.name}: {clients} clients, {bearable * LOAD:,.0f} requests/s",
        metrics=metrics,
        note=f"Half of the {bearable:,.0f} requests/s that the route bears.",
    )


async def _try(call: Call, number: int) -> bool:
    """Whether there was room: 503 says that it was one too many, after a wait that counts."""
    try:
        await call(number)
    except httpx.HTTPStatusError as error:
        if error.response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return False
    return True


async def _saturate(call: Call, clients: int, seconds: float) -> float:
    """Calls per second of clients that do not pause."""
    ends_at = time.monotonic() + seconds

    async def hurry(number: int) -> int:
        calls = 0
        while time.monotonic() < ends_at:
            calls += await _try(call, number)
        return calls

    return sum(await asyncio.gather(*map(hurry, range(clients)))) / seconds


async def _pace(call: Call, clients: int, rate: float, seconds: float) -> list[float]:
    """How long each call took, counted from when its time had come."""
    samples: list[float] = []
    gap = clients / rate
    begun = time.monotonic()

    async def go(number: int) -> None:
        due = begun + random.uniform(0, gap)  # noqa: S311 - no secret
        while due < begun + seconds:
            await asyncio.sleep(max(0, due - time.monotonic()))
            await _try(call, number)
            samples.append(time.monotonic() - due)
            due += gap

    await asyncio.gather(*map(go, range(clients)))
    return samples
