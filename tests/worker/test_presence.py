"""What processors note of themselves, and that no job depends on it."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog
from tests.parts import NoParams, Person, Sql, enqueue, make_processor, make_settings
from tests.serving import eventually, serve
from tests.wire import on_request

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.processor import Processor

MakeJobType = Callable[..., str]


async def succeed(job: RunningJob, params: NoParams) -> Completed:
    return Completed()


@pytest.fixture
def read_row(sql: Sql) -> Callable[[Processor], dict[str, Any] | None]:
    def read_row(processor: Processor) -> dict[str, Any] | None:
        return sql.execute(
            "select * from supajobs.processors where worker_id = %s", [processor.worker_id]
        ).fetchone()

    return read_row


@pytest.fixture
def notes(database: Database) -> list[str]:
    """The notes that go out, as the last parts of their paths."""
    notes: list[str] = []

    async def note(request: httpx.Request) -> None:
        name = request.url.path.rpartition("/")[2]
        if name.endswith("_plan_processor"):
            notes.append(name)

    on_request(database, note)
    return notes


async def test_an_idle_processor_notes_that_it_lives_and_takes_itself_off(
    queue: JobQueue,
    make_job_type: MakeJobType,
    read_row: Callable[[Processor], dict[str, Any] | None],
) -> None:
    name = make_job_type()
    processor = make_processor(queue, JobType(name, NoParams, succeed), concurrency=7)
    working = asyncio.create_task(processor.work(poll_seconds=None))
    row = await eventually(lambda: read_row(processor))
    assert row["job_types"] == [name]
    assert (row["concurrency"], row["running"]) == (7, 0)
    assert row["version"]
    processor.stop()
    await working
    assert read_row(processor) is None


async def test_a_processor_that_stops_before_its_note_is_answered_takes_itself_off(
    database: Database,
    queue: JobQueue,
    make_job_type: MakeJobType,
    read_row: Callable[[Processor], dict[str, Any] | None],
) -> None:
    answer = asyncio.Event()
    send = database.http.request

    async def answer_late(method: str, url: str, **given: Any) -> httpx.Response:
        response = await send(method, url, **given)
        if url.endswith("/note_plan_processor"):
            await answer.wait()
        return response

    vars(database.http)["request"] = answer_late
    processor = make_processor(queue, JobType(make_job_type(), NoParams, succeed))
    working = asyncio.create_task(processor.work(poll_seconds=None))
    await eventually(lambda: read_row(processor))
    processor.stop()
    await asyncio.sleep(0.1)
    answer.set()
    await working
    assert read_row(processor) is None


async def test_the_notes_go_on_and_count_what_runs(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_row: Callable[[Processor], dict[str, Any] | None],
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.worker.presence.NOTE_SECONDS", 0.05)
    name, finish = make_job_type(), asyncio.Event()

    async def wait(job: RunningJob, params: NoParams) -> Completed:
        await finish.wait()
        return Completed()

    for _ in range(2):
        await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, wait))
    draining = asyncio.create_task(processor.drain())
    row = await eventually(lambda: (row := read_row(processor)) and row["running"] == 2 and row)
    later = await eventually(
        lambda: (now := read_row(processor)) and now["seen_at"] > row["seen_at"] and now
    )
    assert later["started_at"] == row["started_at"]
    finish.set()
    assert await draining == {"completed": 2}
    assert len(notes) >= 3
    assert read_row(processor) is None


async def test_a_drain_within_the_work_is_one_presence(
    queue: JobQueue,
    make_job_type: MakeJobType,
    read_row: Callable[[Processor], dict[str, Any] | None],
    notes: list[str],
) -> None:
    processor = make_processor(queue, JobType(make_job_type(), NoParams, succeed))
    working = asyncio.create_task(processor.work(poll_seconds=None))
    await eventually(lambda: read_row(processor))
    for _ in range(3):
        assert await processor.drain() == {}
    assert read_row(processor)
    processor.stop()
    await working
    assert notes == ["note_plan_processor", "forget_plan_processor"]


async def test_the_processor_of_the_api_is_there_too(stack: StackInfo, sql: Sql) -> None:
    def read_ids() -> set[str]:
        rows = sql.execute("select worker_id from supajobs.processors").fetchall()
        return {row["worker_id"] for row in rows}

    others = read_ids()
    app = create_app(make_settings(stack, api_runs_jobs=False))
    async with serve(app):
        (worker_id,) = await eventually(lambda: read_ids() - others)
    assert worker_id not in read_ids()


async def test_jobs_run_where_no_note_arrives(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    sql: Sql,
) -> None:
    monkeypatch.setattr("supajobs.worker.presence.NOTE_SECONDS", 0.05)
    name = make_job_type()
    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, succeed))
    # As in a project whose migrations are older than its processors.
    sql.execute("alter function note_plan_processor rename to note_plan_processor_not")
    try:
        with structlog.testing.capture_logs() as logs:
            working = asyncio.create_task(processor.work(poll_seconds=0.1))
            await eventually(
                lambda: (
                    len(notes) >= 3
                    and {"presence_unnoted", "job_settled"} <= {entry["event"] for entry in logs}
                )
            )
            processor.stop()
            await working
    finally:
        sql.execute("alter function note_plan_processor_not rename to note_plan_processor")
    [failure] = [entry for entry in logs if entry["event"] == "presence_unnoted"]
    assert failure["log_level"] == "warning"
    assert [entry["outcome"] for entry in logs if entry["event"] == "job_settled"] == ["completed"]
    assert "forget_plan_processor" not in notes


async def test_a_processor_whose_project_is_out_of_reach_stops_at_once(
    stack: StackInfo, make_job_type: MakeJobType
) -> None:
    database = Database(make_settings(stack, supabase_url="http://127.0.0.1:9"), patience=600)
    processor = make_processor(
        JobQueue(database), JobType(make_job_type(), NoParams, succeed), concurrency=1
    )
    working = asyncio.create_task(processor.work(poll_seconds=None))
    await asyncio.sleep(0.1)
    processor.stop()
    async with asyncio.timeout(60):  # of the 600 s for which calls are tried
        await working
    await database.close()
