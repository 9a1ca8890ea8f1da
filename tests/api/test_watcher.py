import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import respx
import structlog
from tests.faults.proxy import LossyProxy, lossy_proxy
from tests.parts import Person, Sql, make_settings
from tests.serving import eventually
from tests.wire import ProjectMocker, on_request

from supajobs.api import watcher as watcher_module
from supajobs.api.watcher import MAX_POLLS, POLL_SECONDS, JobWatcher
from supajobs.jobs import ClaimedJob, Job, JobStatus, Progress
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue import job_queue as queue_module
from supajobs.queue.answers import Beat
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

FUNCTION = "get_changed_plan_jobs"


@contextlib.asynccontextmanager
async def watching(queue: JobQueue) -> AsyncGenerator[JobWatcher]:
    watcher = JobWatcher(queue)
    working = asyncio.create_task(watcher.work())
    yield watcher
    assert not working.done()
    working.cancel()
    await asyncio.wait({working})


@pytest.fixture
async def watcher(queue: JobQueue) -> AsyncGenerator[JobWatcher]:
    async with watching(queue) as watcher:
        yield watcher


@pytest.fixture
def polls_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_module, "POLL_SECONDS", 0.05)


@pytest.fixture
def polls_when_nudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """And, but for the first two times, not even then."""
    monkeypatch.setattr(watcher_module, "POLL_SECONDS", 3600.0)


class Polls:
    """The calls that were made: when, and what was asked."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.asked: list[dict[UUID, datetime]] = []

    async def note(self, request: httpx.Request) -> None:
        if request.url.path.endswith(FUNCTION):
            self.times.append(time.monotonic())
            seen: dict[str, str] = json.loads(request.content)["p_seen"]
            self.asked.append({UUID(key): datetime.fromisoformat(at) for key, at in seen.items()})


@pytest.fixture
def polls(database: Database) -> Polls:
    polls = Polls()
    on_request(database, polls.note)
    return polls


class Running:
    """Jobs of one user that somebody works on."""

    def __init__(self, queue: JobQueue, sql: Sql, claimed: list[ClaimedJob]) -> None:
        self._queue = queue
        self._sql = sql
        self._claimed = claimed

    def look(self) -> list[Job]:
        """The jobs as they are."""
        rows = self._sql.execute(
            "select supajobs.describe_job(job) as job from plan_generation_jobs as job "
            "where id = any(%s) order by id",
            [[job.id for job in self._claimed]],
        )
        return [Job.model_validate(row["job"]) for row in rows]

    async def beat(self, percentage: int | None = None) -> None:
        """With progress, or without."""
        progress = percentage and Progress(phase="base", percentage=percentage, message="")
        await self._queue.heartbeat(
            [
                Beat(job_id=job.id, claim_id=job.claim_id, progress=progress or None)
                for job in self._claimed
            ]
        )

    async def complete(self) -> None:
        await self._queue.complete([(job, Completed(result="done")) for job in self._claimed])


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
def start(queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql) -> Start:
    async def start(count: int = 1) -> Running:
        job_type = make_job_type()
        for _ in range(count):
            await queue.enqueue(user_id=person.id, job_type=job_type, params={})
        claimed = await queue.claim(
            claim_id=uuid4(), worker_id="w", max_jobs=count, job_types=[job_type]
        )
        return Running(queue, sql, claimed)

    return start


def percentage(job: Job) -> int:
    assert job.progress
    return job.progress.percentage


async def test_two_hundred_who_follow_cost_two_queries_a_second(
    watcher: JobWatcher, start: Start, polls: Polls
) -> None:
    running = await start(50)
    arrivals: list[UUID] = []

    async def follow(job: Job) -> list[int]:
        percentages: list[int] = []
        async for state in watcher.follow(job):
            arrivals.append(state.id)
            percentages.append(percentage(state) if state.progress else 100)
        return percentages

    following = [asyncio.create_task(follow(job)) for job in running.look() * 4]
    await eventually(lambda: polls.times)
    for done in (25, 50):
        arrivals.clear()
        await running.beat(done)
        earlier = len(polls.times)
        await eventually(lambda: len(arrivals) == 200)
        assert len(polls.times) - earlier <= 1
    await running.complete()
    assert await asyncio.gather(*following) == [[25, 50, 100]] * 200

    assert all(len(asked) <= 50 for asked in polls.asked)  # watchers of a job share one entry
    for first, third in zip(polls.times, polls.times[MAX_POLLS:], strict=False):
        assert third - first > 0.9 * POLL_SECONDS


@pytest.mark.usefixtures("polls_fast")
async def test_nobody_watching_costs_nothing(
    watcher: JobWatcher, start: Start, polls: Polls
) -> None:
    running = await start()
    watcher.nudge()
    await asyncio.sleep(0.2)
    assert not polls.times
    async with contextlib.aclosing(watcher.follow(running.look()[0])) as states:
        first = asyncio.ensure_future(anext(states))
        await eventually(lambda: len(polls.times) > 2)
        await running.beat(1)
        await first
    count = len(polls.times)
    await asyncio.sleep(0.2)
    assert len(polls.times) == count


@pytest.mark.usefixtures("polls_fast")
async def test_a_heartbeat_without_progress_is_noted_and_not_told(
    watcher: JobWatcher, start: Start, polls: Polls, read_job: Callable[[UUID], Any]
) -> None:
    running = await start()
    [job] = running.look()
    told: list[Job] = []

    async def follow() -> None:
        async for state in watcher.follow(job):
            told.append(state)  # noqa: PERF401 - it is looked at before the end

    following = asyncio.create_task(follow())
    await eventually(lambda: polls.asked)
    await running.beat()
    beaten_at = read_job(job.id)["updated_at"]
    assert beaten_at > job.updated_at
    await eventually(lambda: polls.asked[-1][job.id] == beaten_at)
    assert told == []
    await running.complete()
    await following
    assert [state.status for state in told] == [JobStatus.COMPLETED]


@pytest.mark.usefixtures("polls_when_nudged")
async def test_a_nudge_is_answered_at_once_but_not_every_one(
    watcher: JobWatcher, start: Start, polls: Polls
) -> None:
    running = await start()
    following = asyncio.create_task(watcher.wait_for_end(running.look()[0], 10))
    await asyncio.sleep(0.1)
    assert not polls.times
    for expected in (1, MAX_POLLS, MAX_POLLS, MAX_POLLS):
        watcher.nudge()
        await eventually(lambda expected=expected: len(polls.times) >= expected)
        await asyncio.sleep(0.2)
        assert len(polls.times) == expected
    following.cancel()


async def test_a_job_that_ended_before_its_watcher_came_is_noticed(
    watcher: JobWatcher, start: Start
) -> None:
    running = await start()
    [job] = running.look()
    await running.complete()
    ended = await watcher.wait_for_end(job, 10)
    assert (ended.status, ended.result) == (JobStatus.COMPLETED, "done")


@pytest.mark.usefixtures("polls_fast")
async def test_a_slow_watcher_gets_the_newest_state_alone(
    watcher: JobWatcher, start: Start, polls: Polls
) -> None:
    running = await start()
    [job] = running.look()
    async with (
        contextlib.aclosing(watcher.follow(job)) as slow,
        contextlib.aclosing(watcher.follow(job)) as quick,
    ):
        await running.beat(1)
        assert [percentage(await anext(each)) for each in (slow, quick)] == [1, 1]
        for done in range(2, 6):
            await running.beat(done)
            assert percentage(await anext(quick)) == done
        assert percentage(await anext(slow)) == 5
        await running.complete()
        assert (await anext(slow)).status == JobStatus.COMPLETED
        with pytest.raises(StopAsyncIteration):
            await anext(slow)


@pytest.mark.usefixtures("polls_fast")
async def test_who_comes_late_has_what_the_others_know(watcher: JobWatcher, start: Start) -> None:
    running = await start()
    [job] = running.look()
    async with contextlib.aclosing(watcher.follow(job)) as first:
        await running.beat(1)
        newer = await anext(first)
        assert await watcher.wait_for_change(job, 0) == newer
        assert await watcher.wait_for_change(newer, 0.2) == newer


@pytest.mark.usefixtures("polls_when_nudged")
async def test_what_a_newcomer_has_read_reaches_the_others_without_a_query(
    watcher: JobWatcher, start: Start, polls: Polls
) -> None:
    running = await start()
    waiting = asyncio.create_task(watcher.wait_for_change(running.look()[0], 10))
    await asyncio.sleep(0)
    await running.beat(1)
    [newer] = running.look()
    await watcher.wait_for_change(newer, 0)
    assert await waiting == newer
    assert not polls.times


async def test_an_answer_on_its_way_does_not_bring_an_older_state_back(
    stack: StackInfo, start: Start
) -> None:
    running = await start()
    [job] = running.look()
    async with (
        proxied(stack) as (proxy, watcher),
        contextlib.aclosing(watcher.follow(job)) as states,
    ):
        gate = proxy.hold_answer(FUNCTION)
        told = asyncio.ensure_future(anext(states))
        await running.beat(1)
        await gate.reached.wait()
        await running.beat(2)
        [newer] = running.look()
        assert await watcher.wait_for_change(newer, 0) == newer
        assert percentage(await told) == 2
        gate.open()
        assert await watcher.wait_for_change(newer, POLL_SECONDS / 2) == newer


@pytest.mark.usefixtures("polls_fast")
async def test_a_deleted_job_ends_what_follows_it(
    watcher: JobWatcher, start: Start, sql: Sql
) -> None:
    running = await start(2)
    deleted, other = running.look()
    sql.execute("delete from plan_generation_jobs where id = %s", [deleted.id])
    assert [state async for state in watcher.follow(deleted)] == []
    assert await watcher.wait_for_end(deleted, 10) == deleted
    await running.complete()
    assert (await watcher.wait_for_end(other, 10)).status == JobStatus.COMPLETED


@pytest.mark.usefixtures("polls_fast")
async def test_a_spoiled_row_blinds_nobody_else(
    watcher: JobWatcher, start: Start, sql: Sql
) -> None:
    running = await start(2)
    spoiled, other = running.look()
    sql.execute(
        "update plan_generation_jobs set error = '{}', updated_at = now() where id = %s",
        [spoiled.id],
    )
    waiting = asyncio.create_task(watcher.wait_for_end(spoiled, 10))
    await running.beat(1)
    assert percentage(await watcher.wait_for_change(other, 10)) == 1
    assert not waiting.done()
    await running.complete()
    assert (await waiting).status == JobStatus.COMPLETED


@pytest.mark.usefixtures("polls_fast")
async def test_waiting_ends_with_its_time(watcher: JobWatcher, start: Start) -> None:
    running = await start()
    [job] = running.look()
    assert await watcher.wait_for_change(job, 0) == job
    assert await watcher.wait_for_end(job, 0.2) == job
    waiting = asyncio.create_task(watcher.wait_for_end(job, 0.5))
    await running.beat(1)
    assert percentage(await waiting) == 1


async def test_a_job_that_has_ended_is_not_watched(watcher: JobWatcher, start: Start) -> None:
    running = await start()
    await running.complete()
    [ended] = running.look()
    async with asyncio.timeout(60):
        assert [state async for state in watcher.follow(ended)] == []
        assert await watcher.wait_for_end(ended, 600) == ended
        assert await watcher.wait_for_change(ended, 600) == ended


async def test_close_lets_all_go_who_wait_and_who_come(watcher: JobWatcher, start: Start) -> None:
    running = await start()
    [job] = running.look()
    waiting = asyncio.create_task(watcher.wait_for_end(job, 600))
    await asyncio.sleep(0.05)
    watcher.close()
    async with asyncio.timeout(60):
        assert await waiting == job
        assert await watcher.wait_for_change(job, 600) == job


@contextlib.asynccontextmanager
async def proxied(stack: StackInfo) -> AsyncGenerator[tuple[LossyProxy, JobWatcher]]:
    """A watcher whose calls go through a proxy."""
    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        database = Database(make_settings(stack, supabase_url=proxy.url), patience=5)
        async with watching(JobQueue(database)) as watcher:
            yield proxy, watcher
        await database.close()


@pytest.mark.usefixtures("polls_fast")
async def test_an_outage_is_logged_once_and_waited_out(
    stack: StackInfo, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "WATCH_PATIENCE", 0.1)
    running = await start()
    [job] = running.look()
    async with proxied(stack) as (proxy, watcher):
        with structlog.testing.capture_logs() as log:
            for done in (1, 2):
                waiting = asyncio.create_task(watcher.wait_for_change(job, 30))
                proxy.lose_some(1.0, seed=0)
                lost = proxy.lost[FUNCTION]
                await running.beat(done)
                await eventually(lambda lost=lost: proxy.lost[FUNCTION] > lost + 20)
                assert not waiting.done()
                proxy.lose_some(0.0, seed=0)
                job = await waiting
                assert percentage(job) == done
    ours = [(line["event"], line["log_level"]) for line in log if "watch" in line["event"]]
    assert ours == [("watch_failed", "warning"), ("watch_recovered", "info")] * 2


@pytest.mark.usefixtures("polls_fast")
async def test_no_answer_however_strange_stops_the_polls(
    queue: JobQueue, watcher: JobWatcher, start: Start
) -> None:
    running = await start()
    [job] = running.look()
    ended = job.model_dump(mode="json") | {
        "status": "completed",
        "completed_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    strange: list[Any] = [
        None, "text", [], {}, {"jobs": 1, "gone": []}, {"jobs": [], "gone": ["x"]},
        {"jobs": [None, {}, {**ended, "id": str(uuid4())}], "gone": [str(uuid4())]},
    ]  # fmt: skip
    answers = [
        httpx.Response(200, text="<html>Sign in to the wireless network</html>"),
        httpx.Response(200, text='{"jobs": ['),
        httpx.Response(403, json={"code": "42501", "message": "permission denied"}),
        *(httpx.Response(200, json=answer) for answer in strange),
    ]
    with respx.mock(using=ProjectMocker.name) as router:
        route = router.post(path__regex=FUNCTION)
        route.side_effect = [*answers, httpx.Response(200, json={"jobs": [ended], "gone": []})]
        assert (await watcher.wait_for_end(job, 20)).status == JobStatus.COMPLETED
        assert route.call_count > len(answers)
