"""Jobs followed live."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.cli.conftest import Invoke
from tests.cli.running import run, supajobs
from tests.faults.proxy import LossyProxy, lossy_proxy
from tests.parts import Person, Sql, enqueue, settle
from tests.programs import SUPAJOBS
from tests.serving import eventually

from supajobs.cli.asking import OpenProject
from supajobs.cli.tail import follow_queue
from supajobs.jobs import ClaimedJob, JobSummary, Progress
from supajobs.outcomes import Completed, Failed, JobError
from supajobs.queue.answers import Beat
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

SECRET = "what only the user should read"


async def claim(queue: JobQueue, job_type: str) -> ClaimedJob:
    [job] = await queue.claim(
        claim_id=uuid4(), worker_id="a-worker", max_jobs=1, job_types=[job_type]
    )
    return job


async def beat(queue: JobQueue, job: ClaimedJob, progress: Progress | None = None) -> None:
    await queue.heartbeat([Beat(job_id=job.id, claim_id=job.claim_id, progress=progress)])


class Followed:
    """The states that a tail of one job type has told so far: (job id, status)."""

    def __init__(self) -> None:
        self.states: list[tuple[UUID, str]] = []
        self.newest: JobSummary | None = None

    async def of(self, states: AsyncGenerator[JobSummary]) -> None:
        async for job in states:
            self.states.append((job.id, job.status))
            self.newest = job

    async def tells(self, *states: tuple[UUID, str]) -> None:
        """Waits for these and no others."""
        await eventually(lambda: len(self.states) >= len(states))
        assert self.states == list(states)
        self.states.clear()


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supajobs.cli.tail.POLL_SECONDS", 0.2)


@asynccontextmanager
async def following(database: Database, job_type: str) -> AsyncGenerator[Followed]:
    """Has looked once when the context begins."""
    first_look = asyncio.Event()

    class Queue(JobQueue):
        async def get_changed(self, seen: Any) -> Any:
            if self._calls:
                first_look.set()
            self._calls += 1
            return await super().get_changed(seen)

        _calls = 0

    followed = Followed()
    async with aclosing(follow_queue(OpenProject(database, Queue(database)), job_type)) as states:
        task = asyncio.create_task(followed.of(states))
        try:
            await first_look.wait()
            yield followed
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("looks_often")
async def test_a_queue_is_followed_from_now_on(
    database: Database, queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type, other_type = make_job_type(), make_job_type()
    old = await enqueue(queue, person, job_type)
    ended = await enqueue(queue, person, job_type)
    await queue.cancel(ended, person.id)
    async with following(database, job_type) as followed:
        await enqueue(queue, person, other_type)
        new = await enqueue(queue, person, job_type, note=SECRET)
        await followed.tells((new, "pending"))
        job = await claim(queue, job_type)
        await followed.tells((old, "processing"))
        await beat(queue, job, Progress(phase="base", percentage=40, message="half"))
        await followed.tells((old, "processing"))
        await beat(queue, job)  # only a heartbeat, which is no news
        await queue.cancel(new, person.id)
        await followed.tells((new, "cancelled"))
        await settle(queue, job, Completed())
        await followed.tells((old, "completed"))
        await queue.retry(ended, person.id)
        await followed.tells((ended, "pending"))


@pytest.mark.usefixtures("looks_often")
async def test_a_deleted_job_is_no_news(
    database: Database, queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    deleted = await enqueue(queue, person, job_type)
    async with following(database, job_type) as followed:
        sql.execute("delete from plan_generation_jobs where id = %s", [deleted])
        job_id = await enqueue(queue, person, job_type)
        await followed.tells((job_id, "pending"))


@pytest.mark.usefixtures("looks_often")
async def test_of_a_long_backlog_what_is_next_is_followed(
    database: Database,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job_type = make_job_type()
    ids = [await enqueue(queue, person, job_type) for _ in range(8)]
    monkeypatch.setattr("supajobs.cli.tail._MAX_ROWS", 3)  # in place of thousands of jobs
    monkeypatch.setattr("supajobs.cli.tail._LOOKS_PER_BACKLOG", 1)
    async with following(database, job_type) as followed:
        for job_id in ids:
            job = await claim(queue, job_type)
            await settle(queue, job, Completed())  # between two looks, as a rule
            assert job.id == job_id
            await eventually(lambda: (job_id, "completed") in followed.states)  # noqa: B023 - now
            await asyncio.sleep(0.5)  # a look, at the next of the backlog


async def test_a_job_is_followed_until_it_has_ended(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type, note=SECRET)
    arguments = ("jobs", "tail", str(job_id), "--json")
    async with supajobs(*arguments, env=environment, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        states = [json.loads(await process.stdout.readline())]
        job = await claim(queue, job_type)
        states.append(json.loads(await process.stdout.readline()))
        await beat(queue, job, Progress(phase="base", percentage=40, message="half"))
        states.append(json.loads(await process.stdout.readline()))
        await settle(queue, job, Completed(result={"note": SECRET}))
        states.append(json.loads(await process.stdout.readline()))
        assert await process.stdout.read() == b""
        assert await process.stderr.read() == b""
        assert await process.wait() == 0
    assert [state["status"] for state in states] == [
        *("pending", "processing", "processing", "completed")
    ]
    assert states[2]["progress"]["percentage"] == 40
    assert {state["id"] for state in states} == {str(job_id)}
    assert SECRET not in json.dumps(states)


async def test_a_job_that_fails_is_exit_1(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    failed = Failed(JobError(code="no_such_luck", message="No."), retryable=False)
    await settle(queue, await claim(queue, job_type), failed)
    ran = await invoke("jobs", "tail", job_id)
    assert ran.code == 1
    [line] = ran.out.splitlines()
    assert line.split()[1:4] == [str(job_id), "failed", job_type]
    assert "no_such_luck: No." in line
    assert ran.err == ""


async def test_a_job_that_is_deleted_meanwhile_ends_its_tail(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    job_id = await enqueue(queue, person, make_job_type())
    async with supajobs("jobs", "tail", str(job_id), env=environment, cwd=tmp_path) as process:
        assert process.stdout
        assert await process.stdout.readline()
        sql.execute("delete from plan_generation_jobs where id = %s", [job_id])
        _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode() == f"job_not_found: Job {job_id} was deleted.\n"


@pytest.mark.parametrize("as_json", [["--json"], []])
async def test_ctrl_c_ends_a_tail_quietly(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
    as_json: list[str],
) -> None:
    job_type = make_job_type()
    arguments = ("jobs", "tail", "--type", job_type, *as_json)
    async with supajobs(*arguments, env=environment, cwd=tmp_path) as process:
        assert process.stdout
        told = asyncio.create_task(process.stdout.readline())
        while not told.done():  # the first of them come before it looks
            await enqueue(queue, person, job_type)
            await asyncio.wait([told], timeout=0.3)
        assert job_type in told.result().decode()
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")


async def test_who_looks_on_is_told_what_a_tail_waits_for(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(SUPAJOBS, "jobs", "tail"), env=environment, cwd=tmp_path, stderr=theirs
    )
    os.close(theirs)
    try:
        told = await asyncio.to_thread(os.read, ours, 1000)
    finally:
        process.kill()
        await process.wait()
        os.close(ours)
    assert told.startswith(b"Waiting for what is new")


async def test_a_silence_of_supabase_is_borne(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    async with lossy_proxy(environment["SUPABASE_URL"], Counter()) as proxy:
        env = {**environment, "SUPABASE_URL": proxy.url}
        async with supajobs("jobs", "tail", str(job_id), env=env, cwd=tmp_path) as process:
            assert process.stdout
            assert process.stderr
            assert b"pending" in await process.stdout.readline()
            silence(proxy)
            assert await process.stderr.readline() == b"Supabase does not answer; asking on.\n"
            await queue.cancel(job_id, person.id)
            proxy.lose_some(0.0, seed=0)
            assert b"cancelled" in await process.stdout.readline()
            assert await process.wait() == 1
            assert await process.stderr.read() == b"Supabase answers again.\n"


def silence(proxy: LossyProxy) -> None:
    proxy.lose_some(1.0, seed=0)


async def test_a_tail_is_of_a_job_or_of_a_type(environment: dict[str, str], tmp_path: Path) -> None:
    arguments = ("jobs", "tail", str(uuid4()), "--type", "story")
    ran = await run(*arguments, env=environment, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "--type" in ran.err
