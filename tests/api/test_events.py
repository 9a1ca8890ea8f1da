import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import fastapi.routing
import httpx
import jwt
import pytest
from fastapi import FastAPI
from tests.api.worker import Anything, Worker
from tests.cli.running import supajobs
from tests.faults.proxy import lossy_proxy
from tests.parts import CRON_SECRET, Person, Sql, enqueue, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.job_types import JobType
from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo
from supajobs.local.state import StackState
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    job: Mapping[str, Any]

    @property
    def percentage(self) -> int:
        return self.job["progress"]["percentage"]


class Events:
    """The events of an open stream, as a browser would take them."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.comments = 0
        self._lines = response.aiter_lines()

    def __aiter__(self) -> "Events":
        return self

    async def __anext__(self) -> Event:
        fields: dict[str, str] = {}
        async for line in self._lines:
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
            elif not line and fields:
                return Event(fields["event"], fields["id"], json.loads(fields["data"]))
            elif line:
                self.comments += 1
        raise StopAsyncIteration


@dataclass(frozen=True)
class Listener:
    """A person's client."""

    client: httpx.AsyncClient
    person: Person

    async def request_job(self, job_type: str) -> str:
        created = await self.client.post(
            "/v1/jobs", json={"job_type": job_type}, headers=self.person.headers
        )
        return created.json()["id"]

    async def get(self, job_id: str) -> httpx.Response:
        return await self.client.get(f"/v1/jobs/{job_id}", headers=self.person.headers)

    @contextlib.asynccontextmanager
    async def open(self, job_id: str, **headers: str) -> AsyncGenerator[Events]:
        url = f"/v1/jobs/{job_id}/events"
        async with self.client.stream(
            "GET", url, headers={**self.person.headers, **headers}
        ) as response:
            assert response.status_code == 200
            yield Events(response)


@pytest.fixture
def listener(client: httpx.AsyncClient, person: Person) -> Listener:
    return Listener(client, person)


@pytest.fixture
async def job_id(listener: Listener, job_type: str) -> str:
    return await listener.request_job(job_type)


def count_watchers(app: FastAPI) -> int:
    return sum(each.watchers for each in app.state.find_parts().watcher._watched.values())


def is_watching(app: FastAPI) -> bool:
    return count_watchers(app) > 0


async def test_a_job_from_request_to_end(listener: Listener, job_id: str, worker: Worker) -> None:
    async with listener.open(job_id) as events:
        first = await anext(events)
        got = await listener.get(job_id)
        assert first.name == "job"
        assert first.job["status"] == "pending"
        assert first.job.items() <= got.json().items()
        assert got.headers["ETag"] == f'W/"{first.id}.1"'  # its place, which events do not tell

        claimed = await worker.claim()
        assert (await anext(events)).job["status"] == "processing"
        for percentage in (10, 90):
            await worker.beat(claimed, percentage)
            assert (await anext(events)).percentage == percentage
        await worker.complete(claimed, result={"text": "first line\nsecond"})

        rest = [event async for event in events]
    assert [event.job["status"] for event in rest] == ["completed"]
    assert rest[0].job["result"] == {"text": "first line\nsecond"}
    assert (await listener.get(job_id)).headers["ETag"] == f'W/"{rest[0].id}"'


async def test_no_proxy_holds_events_back_or_keeps_them(listener: Listener, job_id: str) -> None:
    async with listener.open(job_id) as events:
        headers = events.response.headers
    assert headers["Content-Type"].startswith("text/event-stream")
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Accel-Buffering"] == "no"


async def test_who_comes_back_gets_only_what_is_new(
    listener: Listener, job_id: str, worker: Worker
) -> None:
    async with listener.open(job_id) as events:
        first = await anext(events)
    claimed = await worker.claim()
    async with listener.open(job_id, **{"Last-Event-ID": first.id}) as events:
        second = await anext(events)
        assert second.job["status"] == "processing"
    async with listener.open(job_id, **{"Last-Event-ID": second.id}) as events:
        await worker.complete(claimed)
        assert [event.job["status"] async for event in events] == ["completed"]


async def test_after_the_end_there_is_one_event_and_then_no_content(
    listener: Listener, job_id: str, worker: Worker
) -> None:
    await worker.complete(await worker.claim())
    async with listener.open(job_id) as events:
        [last] = [event async for event in events]
    assert last.job["status"] == "completed"
    again = await listener.client.get(
        f"/v1/jobs/{job_id}/events", headers={**listener.person.headers, "Last-Event-ID": last.id}
    )
    assert (again.status_code, again.content) == (204, b"")


async def test_somebody_elses_job_and_no_job_look_the_same(
    client: httpx.AsyncClient, job_id: str, sign_up: Callable[[], Awaitable[Person]]
) -> None:
    stranger = await sign_up()
    for target in (job_id, uuid4()):
        refused = await client.get(f"/v1/jobs/{target}/events", headers=stranger.headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "job_not_found")
        assert refused.headers["Content-Type"] == "application/problem+json"


async def test_nobody_listens_without_a_token(client: httpx.AsyncClient, job_id: str) -> None:
    refused = await client.get(f"/v1/jobs/{job_id}/events")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


async def test_the_stream_ends_with_the_token(
    app: FastAPI, stack: StackInfo, listener: Listener, job_id: str
) -> None:
    state = StackState.read(stack.dir / "state.json")
    assert state
    expires_at = int(time.time()) + 2
    token = jwt.encode(
        jwt.decode(listener.person.access_token, options={"verify_signature": False})
        | {"exp": expires_at},
        jwt.PyJWK(state.signing_key).key,
        "ES256",
        headers={"kid": state.signing_key["kid"]},
    )
    async with listener.open(job_id, Authorization=f"Bearer {token}") as events:
        assert [event.job["status"] async for event in events] == ["pending"]
    assert expires_at <= time.time()
    await eventually(lambda: not is_watching(app))


async def test_a_deleted_job_ends_its_streams(listener: Listener, job_id: str, sql: Sql) -> None:
    async with listener.open(job_id) as events:
        await anext(events)
        sql.execute("delete from plan_generation_jobs where id = %s", [job_id])
        assert [event async for event in events] == []


@pytest.mark.parametrize("moment", ["after an event", "while events pile up"])
async def test_who_leaves_is_not_watched_for_any_longer(
    app: FastAPI, listener: Listener, job_id: str, worker: Worker, moment: str
) -> None:
    claimed = await worker.claim()
    async with contextlib.AsyncExitStack() as streams:
        many = [await streams.enter_async_context(listener.open(job_id)) for _ in range(10)]
        await asyncio.gather(*(anext(each) for each in many))
        await eventually(lambda: is_watching(app))
        if moment == "while events pile up":
            for percentage in range(1, 4):
                await worker.beat(claimed, percentage)
                await anext(many[0])
    await eventually(lambda: not is_watching(app))  # before the next keep-alive would find out


async def test_a_quiet_stream_is_kept_alive(
    listener: Listener, job_id: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fastapi.routing, "_PING_INTERVAL", 0.1)
    async with listener.open(job_id) as events:
        await anext(events)
        next_event = asyncio.ensure_future(anext(events))
        await eventually(lambda: events.comments >= 3)
        await worker.claim()
        assert (await next_event).job["status"] == "processing"


async def test_sigterm_ends_open_streams_without_a_word_in_the_log(
    stack: StackInfo, person: Person, queue: JobQueue, job_type: str, tmp_path: Path
) -> None:
    job_id = await enqueue(queue, person, job_type)
    port = free_port()
    given = {"PORT": str(port), "API_RUNS_JOBS": "false", "CRON_SECRET": CRON_SECRET}
    env = {**stack.environment, **given}
    async with (
        supajobs("api", env=env, cwd=tmp_path) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):

        async def answers() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (await client.get("/health")).status_code == 200
            return False

        await eventually(answers, within=30)
        async with Listener(client, person).open(str(job_id)) as events:
            await anext(events)
            process.send_signal(signal.SIGTERM)
            assert [event async for event in events] == []
        _, err = await process.communicate()
    assert process.returncode == 0
    log = [json.loads(line) for line in err.splitlines()]
    assert [line for line in log if line["level"] in {"warning", "error"}] == []


UVICORN = """
import sys, uvicorn
from supajobs.app import create_app
from supajobs.settings import Settings

uvicorn.run(create_app(Settings()), port=int(sys.argv[1]), log_level="error")
"""


async def test_sigterm_ends_open_streams_under_any_server(
    stack: StackInfo, queue: JobQueue, person: Person, job_type: str, tmp_path: Path
) -> None:
    job_id = await enqueue(queue, person, job_type)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", UVICORN, str(port)),
        env={**os.environ, **stack.environment, "API_RUNS_JOBS": "false"},
        cwd=tmp_path,
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

        async def answers() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return (await client.get("/health")).status_code == 200
            return False

        await eventually(answers, within=60)
        async with Listener(client, person).open(str(job_id)) as events:
            await anext(events)
            process.send_signal(signal.SIGTERM)
            assert [event async for event in events] == []
    await process.wait()


async def test_a_user_has_a_number_of_places_to_wait(
    app: FastAPI,
    client: httpx.AsyncClient,
    listener: Listener,
    job_id: str,
    job_type: str,
    sign_up: Callable[[], Awaitable[Person]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.api.watcher.MAX_PLACES", 3)
    url, headers = f"/v1/jobs/{job_id}", listener.person.headers
    other = Listener(client, await sign_up())
    async with contextlib.AsyncExitStack() as streams:
        # They are kept: streams that nobody holds are closed, and have no place.
        many = [await streams.enter_async_context(listener.open(job_id)) for _ in range(3)]
        assert [(await anext(each)).job["id"] for each in many] == [job_id] * 3
        for refused in (
            await client.get(f"{url}/events", headers=headers),
            await client.get(f"{url}?wait=30", headers=headers),
        ):
            assert (refused.status_code, refused.json()["code"]) == (429, "too_many_waiting")
            assert refused.headers["Retry-After"]
        # What need not wait does not, and others have their own places.
        assert (await client.get(url, headers=headers)).status_code == 200
        async with other.open(await other.request_job(job_type)) as events:
            await anext(events)
        prefer = {**headers, "Prefer": "wait=30"}
        created = await client.post("/v1/jobs", json={"job_type": job_type}, headers=prefer)
        assert (created.status_code, created.json()["status"]) == (202, "pending")
    await eventually(lambda: not is_watching(app))
    async with listener.open(job_id) as events:
        await anext(events)


@contextlib.asynccontextmanager
async def stopping(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient]:
    """The server stops, as soon as the body is through, while requests of its client are open."""
    async with httpx.AsyncClient(timeout=30) as client, serve(app) as address:
        client.base_url = address.base_url
        yield client


async def test_a_server_that_stops_ends_streams_and_waits_at_once(
    app: FastAPI, person: Person, job_type: str
) -> None:
    async with stopping(app) as client:
        listener = Listener(client, person)
        job_id = await listener.request_job(job_type)
        waiting = asyncio.ensure_future(
            client.get(f"/v1/jobs/{job_id}?wait=60", headers=person.headers)
        )

        opened = list[str]()

        async def listen() -> list[str]:
            async with listener.open(job_id) as events:
                opened.append((await anext(events)).job["status"])
                return [event.job["status"] async for event in events]

        listening = list[asyncio.Task[list[str]]]()
        while len(opened) < 20:  # one after another: how many may come at once is another matter
            listening.append(asyncio.create_task(listen()))
            await eventually(lambda: len(opened) == len(listening))
        await eventually(lambda: count_watchers(app) == 21)
        stopped_at = time.monotonic()
    # The server has no graceful timeout here, and would wait for them for ever.
    assert time.monotonic() - stopped_at < 10
    assert opened == ["pending"] * 20
    assert await asyncio.gather(*listening) == [[]] * 20
    assert (await waiting).json()["status"] == "pending"


async def test_streams_outlive_an_outage_of_supabase(
    stack: StackInfo, person: Person, job_type: str, worker: Worker
) -> None:
    async def never(*_: object) -> Completed:
        raise AssertionError("a job was started")

    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        settings = make_settings(
            stack,
            api_runs_jobs=False,
            supabase_url=proxy.url,
            supabase_jwt_issuer=f"{stack.api_url}/auth/v1",
        )
        app = create_app(settings, {job_type: JobType(job_type, Anything, never)})
        async with serve(app) as client:
            listener = Listener(client, person)
            job_id = await listener.request_job(job_type)
            claimed = await worker.claim()
            async with listener.open(job_id) as events:
                assert (await anext(events)).job["status"] == "processing"
                proxy.lose_some(1.0, seed=0)
                await worker.beat(claimed, 10)
                coming = asyncio.ensure_future(anext(events))
                await eventually(lambda: proxy.lost["get_changed_plan_jobs"] > 2)
                assert (await listener.get(job_id)).status_code == 503
                assert not coming.done()
                proxy.lose_some(0.0, seed=0)
                assert (await asyncio.wait_for(coming, 30)).percentage == 10


async def test_the_schema_describes_the_events(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    responses = schema["paths"]["/v1/jobs/{job_id}/events"]["get"]["responses"]
    [(media_type, content)] = responses["200"]["content"].items()
    assert media_type == "text/event-stream"
    [event] = content.values()
    reference = event["properties"]["data"]["contentSchema"]["$ref"]
    assert "progress" in schema["components"]["schemas"][reference.split("/")[-1]]["properties"]
    assert "content" not in responses["204"]
