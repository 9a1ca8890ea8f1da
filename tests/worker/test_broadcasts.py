"""Workers that Realtime calls: the real client, and a server that speaks its protocol."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
import structlog
from tests.parts import NoParams, Person, Sql, enqueue, make_processor, make_settings
from tests.phoenix import Realtime, realtime
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue
from supajobs.worker import broadcasts
from supajobs.worker.broadcasts import EVENT, TOPIC, Broadcasts
from supajobs.worker.processor import Processor

MakeJobType = Callable[..., str]
ReadJob = Callable[[UUID], Mapping[str, Any]]
# The client says how a connection has ended by attributes that websockets will take away one day.
pytestmark = pytest.mark.filterwarnings("ignore:ConnectionClosed:DeprecationWarning")
LONG = 3600.0  # s; nobody looks in this time


async def succeed(_job: RunningJob, _params: NoParams) -> Completed:
    return Completed()


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Realtime]:
    monkeypatch.setattr(broadcasts, "FIRST_PAUSE", 0.05)
    async with realtime() as server:
        yield server


@pytest.fixture
def listening(
    stack: StackInfo, server: Realtime
) -> Callable[[Processor], contextlib.AbstractAsyncContextManager[None]]:
    """Has a processor listen and work that looks for nothing by itself."""

    @contextlib.asynccontextmanager
    async def listening(processor: Processor) -> AsyncGenerator[None]:
        settings = make_settings(stack, supabase_url=server.url)
        async with Broadcasts(settings, processor).listening():
            working = asyncio.create_task(processor.work(poll_seconds=LONG, idle_seconds=LONG))
            try:
                yield
            finally:
                processor.stop()
                await working

    return listening


@pytest.fixture
def name(make_job_type: MakeJobType) -> str:
    return make_job_type()


@pytest.fixture
def processor(queue: JobQueue, name: str) -> Processor:
    return make_processor(queue, JobType(name, NoParams, succeed))


Listening = Callable[[Processor], contextlib.AbstractAsyncContextManager[None]]


def read_row(sql: Sql, processor: Processor) -> Any:
    query = "select * from supajobs.processors where worker_id = %s"
    return sql.execute(query, [processor.worker_id]).fetchone()


async def settle_down(sql: Sql, processor: Processor) -> None:
    """Until it has joined and said so, and has looked for what came before."""
    await eventually(lambda: (row := read_row(sql, processor)) and row["listens"])
    await eventually(lambda: is_at_rest(processor))


def is_at_rest(processor: Processor) -> bool:
    """Whether it has claimed since it was woken last, and knows what that brought."""
    woken, draining = processor._woken, processor._draining  # pyright: ignore[reportPrivateUsage] - no other way to see it
    return not woken.is_set() and not draining.locked()


async def test_a_worker_that_is_called_starts_the_job_at_once(
    server: Realtime,
    listening: Listening,
    processor: Processor,
    queue: JobQueue,
    person: Person,
    name: str,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    async with listening(processor):
        await settle_down(sql, processor)
        job_id = await enqueue(queue, person, name)
        await asyncio.sleep(0.3)
        assert read_job(job_id)["status"] == "pending"  # nobody has told it
        await server.broadcast(TOPIC, EVENT, {"worker_ids": [processor.worker_id]})
        await eventually(lambda: read_job(job_id)["status"] == "completed")
    [join] = server.joins
    assert join["topic"] == f"realtime:{TOPIC}"
    assert join["payload"]["config"]["private"] is True


async def test_it_looks_again_for_what_came_in_the_second_of_the_call(
    server: Realtime,
    listening: Listening,
    processor: Processor,
    queue: JobQueue,
    person: Person,
    name: str,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    async with listening(processor):
        await settle_down(sql, processor)
        await server.broadcast(TOPIC, EVENT, {"worker_ids": [processor.worker_id]})
        await asyncio.sleep(0.5)
        job_id = await enqueue(queue, person, name)
        await eventually(lambda: read_job(job_id)["status"] == "completed")


@pytest.mark.parametrize("payload", [{"worker_ids": ["another"]}, {"worker_ids": 1}, {}])
async def test_calls_that_are_not_for_it_wake_nobody(
    server: Realtime,
    listening: Listening,
    processor: Processor,
    queue: JobQueue,
    person: Person,
    name: str,
    read_job: ReadJob,
    sql: Sql,
    payload: object,
) -> None:
    async with listening(processor):
        await settle_down(sql, processor)
        job_id = await enqueue(queue, person, name)
        await server.broadcast(TOPIC, EVENT, payload)
        await asyncio.sleep(0.3)
        assert read_job(job_id)["status"] == "pending"
        await server.broadcast(TOPIC, EVENT, {"worker_ids": [processor.worker_id]})
        await eventually(lambda: read_job(job_id)["status"] == "completed")


async def test_a_lost_line_is_made_anew_and_what_came_meanwhile_is_found(
    server: Realtime,
    listening: Listening,
    processor: Processor,
    queue: JobQueue,
    person: Person,
    name: str,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    async with listening(processor):
        await settle_down(sql, processor)
        server.refuses = True
        await server.drop()
        await eventually(lambda: not read_row(sql, processor)["listens"])
        job_id = await enqueue(queue, person, name)  # its broadcast is heard by nobody
        await eventually(lambda: len(server.attempts) > 3)
        assert read_job(job_id)["status"] == "pending"
        server.refuses = False
        await eventually(lambda: read_job(job_id)["status"] == "completed")
        await eventually(lambda: read_row(sql, processor)["listens"])
    assert len(server.joins) == 2


async def test_a_message_that_the_client_cannot_handle_leaves_no_worker_deaf(
    server: Realtime, listening: Listening, processor: Processor, sql: Sql
) -> None:
    async with listening(processor):
        await settle_down(sql, processor)
        await server.say(TOPIC, "presence_state", {"somebody": {"metas": [{"without": "a ref"}]}})
        await eventually(lambda: len(server.joins) == 2)
        await settle_down(sql, processor)


@pytest.mark.parametrize("fault", ["refuses", "forbids"])
async def test_who_is_not_let_in_tries_again_with_pauses_and_works_all_the_same(
    server: Realtime,
    listening: Listening,
    processor: Processor,
    queue: JobQueue,
    person: Person,
    name: str,
    read_job: ReadJob,
    stack: StackInfo,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    setattr(server, fault, True)
    job_id = await enqueue(queue, person, name)
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.INFO):
        async with listening(processor):
            await eventually(lambda: len(server.attempts) > 3)
            processor.wake()
            await eventually(lambda: read_job(job_id)["status"] == "completed")
    lost = [entry for entry in logs if entry["event"] == "broadcasts_lost"]
    pauses = [entry["again_in"] for entry in lost[:3]]
    assert pauses == pytest.approx([0.05, 0.1, 0.2])
    assert not processor.presence.listens
    assert stack.secret_key not in f"{logs}{caplog.text}"


async def test_where_there_is_no_realtime_jobs_run(
    stack: StackInfo,
    processor: Processor,
    queue: JobQueue,
    person: Person,
    name: str,
    read_job: ReadJob,
) -> None:
    async with Broadcasts(make_settings(stack), processor).listening():
        working = asyncio.create_task(processor.work(poll_seconds=0.1, idle_seconds=0.2))
        job_id = await enqueue(queue, person, name)
        await eventually(lambda: read_job(job_id)["status"] == "completed")
        processor.stop()
        await working
