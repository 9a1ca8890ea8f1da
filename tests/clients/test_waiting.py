"""A client that waits for a job, while what it waits through comes and goes."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue
from tests.api.worker import Worker
from tests.clients.apis import running
from tests.clients.roads import road
from tests.clients.waiting import read_end, waiting
from tests.parts import Person, enqueue

from supajobs.api.watcher import MAX_PLACES
from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

RESULT: JsonValue = {"chapters": 3}


@pytest.mark.timeout(900)  # on a busy machine, each start of the API takes a while
async def test_the_api_is_killed_five_times_and_tokens_expire(
    stack: StackInfo,
    built: Path,
    queue: JobQueue,
    person: Person,
    job_type: str,
    worker: Worker,
    sign: Callable[[float], str],
    tmp_path: Path,
) -> None:
    job_id = await enqueue(queue, person, job_type)
    nowhere = f"http://127.0.0.1:{free_port()}"
    async with running(stack, tmp_path) as api:
        tokens = [sign(10), sign(20), sign(3600)]
        async with waiting(built, api.address, job_id, tokens) as client:
            await client.says("update", "pending", None)
            job = await worker.claim()
            await client.says("update", "processing", None)
            for percentage in (20, 40, 60, 80):
                await api.kill()
                await client.says_anew("no answer")
                await worker.beat(job, percentage)
                await api.start()
                await client.says("update", "processing", percentage)
            await api.kill()
            await worker.complete(job, RESULT)
            await api.start(SUPABASE_URL=nowhere)
            await client.says_anew("answer", 503)
            await api.kill()
            await api.start()
            status, result, seconds = await read_end(client)
    assert (status, result) == ("completed", RESULT)
    assert client.all_of("update") == [
        ["pending", None],
        *(["processing", percentage] for percentage in (None, 20, 40, 60, 80)),
        ["completed", None],
    ]
    assert [401] in client.all_of("answer")
    requests = len(client.all_of("asks"))
    assert requests <= seconds + 1, f"{requests} requests in {seconds} s"


async def test_the_network_goes_and_comes_back(
    api: httpx.AsyncClient,
    built: Path,
    queue: JobQueue,
    person: Person,
    job_type: str,
    worker: Worker,
) -> None:
    job_id = await enqueue(queue, person, job_type)
    async with (
        road(str(api.base_url)) as network,
        waiting(built, network.address, job_id, [person.access_token]) as client,
    ):
        await client.says("update", "pending", None)
        await network.close()
        await worker.complete(await worker.claim(), RESULT)
        await asyncio.sleep(3)
        await network.open()
        assert (await read_end(client))[:2] == ("completed", RESULT)
    assert client.all_of("update") == [["pending", None], ["completed", None]]


async def test_the_user_has_too_many_streams_open(
    api: httpx.AsyncClient,
    built: Path,
    queue: JobQueue,
    person: Person,
    job_type: str,
    worker: Worker,
) -> None:
    job_id = await enqueue(queue, person, job_type)
    path = f"/v1/jobs/{await enqueue(queue, person, job_type)}/events"
    async with contextlib.AsyncExitStack() as streams:
        for _ in range(MAX_PLACES):
            await streams.enter_async_context(api.stream("GET", path, headers=person.headers))
        async with waiting(built, str(api.base_url), job_id, [person.access_token]) as client:
            await client.says("answer", 429)
            await worker.complete(await worker.claim(), RESULT)
            assert (await read_end(client))[:2] == ("completed", RESULT)
