"""Asking for jobs from Python, with and without an event loop."""

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psutil
import pytest
from pydantic import BaseModel, Field, SecretStr
from tests.parts import Person, Sql, make_settings

from supajobs import Completed, Enqueued, JobType, NewJob, Priority, RunningJob, Supajobs
from supajobs.app import find_wiring
from supajobs.client import open_client
from supajobs.errors import (
    InvalidRequestError,
    JobNotFoundError,
    NotRunningError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.local.stack import StackInfo
from supajobs.testing import InMemoryQueue


class StoryRequest(BaseModel):
    hero: str = Field(alias="theHero", max_length=50)


async def never(job: RunningJob, request: StoryRequest) -> Completed:
    raise AssertionError("a job was started")


@pytest.fixture
def story(make_job_type: Callable[..., str]) -> JobType[StoryRequest]:
    return JobType(make_job_type(max_enqueues=None), StoryRequest, never)


@pytest.fixture
def jobs(stack: StackInfo, story: JobType[StoryRequest]) -> Supajobs:
    return Supajobs(make_settings(stack, api_runs_jobs=False), job_types=[story])


def count_connections(stack: StackInfo) -> int:
    """Those that this process has to Supabase."""
    port = urlsplit(stack.api_url).port
    connections = psutil.Process().net_connections("tcp")
    return sum(1 for each in connections if each.raddr and each.raddr.port == port)


async def test_a_thousand_requests_at_once_make_a_thousand_jobs(
    stack: StackInfo, jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    before = count_connections(stack)
    fox = StoryRequest(theHero="Fox")
    async with jobs:
        enqueued = await asyncio.gather(
            *(jobs.enqueue(story, fox, user_id=person.id) for _ in range(1000))
        )
    assert {each.outcome for each in enqueued} == {"created"}
    assert len({each.job.id for each in enqueued}) == 1000
    assert count_connections(stack) <= before


async def test_a_crowd_that_is_left_leaves_no_connection_open(
    stack: StackInfo, jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    before = count_connections(stack)
    fox = StoryRequest(theHero="Fox")
    async with open_client(jobs.settings, find_wiring(jobs).job_types) as client:
        crowd = [
            asyncio.ensure_future(client.enqueue(story, fox, user_id=user_id))
            for user_id in [uuid4(), *[person.id] * 300]
        ]
        with pytest.raises(UserGoneError):
            await asyncio.gather(*crowd)
    assert count_connections(stack) <= before
    _, *others = await asyncio.gather(*crowd, return_exceptions=True)
    assert {type(each) for each in others} == {Enqueued, NotRunningError}


async def test_a_handler_asks_for_further_jobs_while_a_route_does(
    stack: StackInfo,
    person: Person,
    make_job_type: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = list[Enqueued]()
    ended = threading.Event()

    async def rest(job: RunningJob, request: StoryRequest) -> Completed:
        return Completed()

    async def order(job: RunningJob, request: StoryRequest) -> Completed:
        try:
            for _ in range(5):
                asked.extend(await ask(person.id))
                assert await jobs.queue.get_active(person.id, book.name)
        finally:
            ended.set()
        return Completed()

    async def ask(user_id: UUID) -> list[Enqueued]:
        return await asyncio.gather(
            *(jobs.enqueue(page, StoryRequest(theHero="Fox"), user_id=user_id) for _ in range(60))
        )

    page, book = (
        JobType(make_job_type(max_enqueues=None), StoryRequest, work) for work in (rest, order)
    )
    jobs = Supajobs(make_settings(stack), job_types=[page, book])
    async with jobs:
        await jobs.enqueue(book, StoryRequest(theHero="Fox"), user_id=person.id)
        while not ended.is_set():
            await ask(person.id)
    assert {each.outcome for each in asked} == {"created"}
    assert len({each.job.id for each in asked}) == 300
    assert not [each.getMessage() for each in caplog.records if each.name == "asyncio"]


async def test_a_client_that_is_closed_refuses_at_once(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    async with open_client(jobs.settings, find_wiring(jobs).job_types) as client:
        pass
    with pytest.raises(NotRunningError):
        await client.enqueue(story, StoryRequest(theHero="Fox"), user_id=person.id)


async def test_secrets_of_a_model_reach_a_type_that_only_sql_knows(
    jobs: Supajobs, person: Person, make_job_type: Callable[..., str]
) -> None:
    class Access(BaseModel):
        token: SecretStr

    async with jobs:
        access = Access(token=SecretStr("what opens it"))
        enqueued = await jobs.enqueue(make_job_type(), access, user_id=person.id)
    assert enqueued.job.params == {"token": "what opens it"}


async def test_params_are_checked_by_the_types_model_and_kept_as_it_reads_them(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    async with jobs:
        model, words, by_name = [
            (await jobs.enqueue(job_type, params, user_id=person.id)).job
            for job_type, params in (
                (story, StoryRequest(theHero="Fox")),
                (story, {"theHero": "Fox"}),
                (story.name, {"hero": "Fox"}),
            )
        ]
        assert model.params == words.params == by_name.params == {"hero": "Fox"}
        for job_type in (story, story.name):
            with pytest.raises(InvalidRequestError) as refused:
                await jobs.enqueue(job_type, {"hero": "x" * 51}, user_id=person.id)
            assert [each["field"] for each in refused.value.errors] == ["params.hero"]


async def test_what_cannot_be_stored_as_it_is_is_refused_by_name(
    jobs: Supajobs, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    class Loose(BaseModel):
        anything: object = None

    async def run_loose(job: RunningJob, request: Loose) -> Completed:
        raise AssertionError("a job was started")

    loose = JobType(make_job_type(), Loose, run_loose)
    wrong: Any = {"anything": {"a": float("inf")}}
    async with jobs:
        for job_type, params in (
            (loose, wrong),
            (loose, Loose.model_validate(wrong)),
            (loose.name, wrong),
        ):
            with pytest.raises(InvalidRequestError) as refused:
                await jobs.enqueue(job_type, params, user_id=person.id)
            assert [each["field"] for each in refused.value.errors] == ["params.anything.a"]
        requests: list[tuple[str, Any]] = [
            ("params.a", {"params": {"a": float("nan")}}),
            ("params.a", {"params": {"a": "\x00"}}),
            ("idempotency_key", {"params": {}, "idempotency_key": "\x00"}),
            ("trace_id", {"params": {}, "trace_id": "\ud800"}),
        ]
        for name, options in requests:
            with pytest.raises(InvalidRequestError) as refused:
                await jobs.queue.enqueue(user_id=person.id, job_type=loose.name, **options)
            assert [each["field"] for each in refused.value.errors] == [name]
    found = sql.execute("select from plan_generation_jobs where user_id = %s", [person.id])
    assert not found.fetchall()


ODD_OPTIONS: list[tuple[str, object, str]] = [
    ("run_at", datetime(2026, 12, 1), "Input should have timezone info"),  # noqa: DTZ001 - that is it
    ("run_at", date(2026, 12, 1), "A datetime with a time zone: datetime.now(UTC) + "),
    ("run_at", "2026-12-01T00:00:00Z", "A datetime with a time zone: datetime.now(UTC) + "),
    ("priority", 99, "One of low, normal, high, or a whole number from 0 to 10"),
    ("priority", True, "One of low, normal, high, or a whole number from 0 to 10"),
    ("priority", "urgent", "One of low, normal, high, or a whole number from 0 to 10"),
    ("idempotency_key", "", "String should have at least 1 character"),
    ("ttl_hours", 200, "Input should be less than or equal to 168"),
    ("user_id", "me", "Input should be a valid UUID"),
    ("project_id", 7, "UUID input should be a string, bytes or UUID object"),
]


@pytest.mark.parametrize(("name", "value", "why"), ODD_OPTIONS)
async def test_what_is_odd_about_an_option_is_told_before_it_is_sent(
    jobs: Supajobs, story: JobType[StoryRequest], name: str, value: object, why: str
) -> None:
    fox = StoryRequest(theHero="Fox")
    odd: Any = {"user_id": None, name: value}

    def enqueue_in_sync() -> object:
        with jobs.sync() as queue:
            return queue.enqueue(story, fox, **odd)

    asked: list[Callable[[], Awaitable[Any]]] = [
        lambda: jobs.enqueue(story, fox, **odd),
        lambda: jobs.queue.enqueue(job_type=story.name, params={}, **odd),
        lambda: asyncio.to_thread(enqueue_in_sync),
        lambda: InMemoryQueue().enqueue(story, fox, **odd),
    ]
    async with jobs:
        for ask in asked:
            with pytest.raises(InvalidRequestError) as refused:
                await ask()
            [told] = "".join(traceback.format_exception_only(refused.value)).splitlines()[1:]
            assert told.startswith(f"{name}: {why}")
        new = [NewJob(story, fox, **odd), NewJob(story, fox, user_id=None)]
        bad, good = await jobs.enqueue_many(new)
        assert isinstance(bad, InvalidRequestError)
        assert isinstance(good, Enqueued)


@pytest.mark.parametrize(
    ("name", "value", "why"), [each for each in ODD_OPTIONS if each[0] != "idempotency_key"]
)
def test_a_request_of_a_handler_is_read_in_the_same_way(name: str, value: Any, why: str) -> None:
    story = JobType("story", StoryRequest, never)
    with pytest.raises(InvalidRequestError) as refused:
        story.request(StoryRequest(theHero="Fox"), **{name: value})
    assert [each["field"] for each in refused.value.errors] == [name]
    assert why in str(refused.value.errors)


def test_an_option_that_nobody_knows_is_refused() -> None:
    fox, story = StoryRequest(theHero="Fox"), JobType("story", StoryRequest, never)
    odd: Any = {"prio": 1}
    asked: list[Callable[[], object]] = [
        lambda: NewJob(story, fox, user_id=None, **odd),
        lambda: asyncio.run(InMemoryQueue().enqueue(story, fox, user_id=None, **odd)),
        lambda: story.request(fox, **odd),
    ]
    for ask in asked:
        with pytest.raises(TypeError, match=r"no option 'prio', but .*priority, .*run_at"):
            ask()


async def test_a_priority_has_a_word(jobs: Supajobs, story: JobType[StoryRequest]) -> None:
    fox = StoryRequest(theHero="Fox")
    assert story.request(fox, priority="low").get("priority") == 2
    async with jobs:
        one = await jobs.enqueue(story, fox, user_id=None, priority="high")
        [other] = await jobs.enqueue_many([NewJob(story, fox, user_id=None, priority="low")])
        recurring = await jobs.schedule(
            story, fox, user_id=None, name=str(uuid4()), interval_seconds=3600, priority="high"
        )
    assert isinstance(other, Enqueued)
    assert (one.job.priority, other.job.priority, recurring.priority) == (8, 2, 8)
    in_memory = await InMemoryQueue().enqueue(story, fox, user_id=None, priority="high")
    assert in_memory.job.priority == 8


async def test_a_model_of_another_type_is_refused(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    class Other(BaseModel):
        hero: str

    async with jobs:
        with pytest.raises(TypeError, match="takes StoryRequest, not Other"):
            await jobs.enqueue(story, Other(hero="Fox"), user_id=person.id)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def test_a_type_that_only_sql_knows_goes_by_its_name(
    jobs: Supajobs, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()
    async with jobs:
        enqueued = await jobs.enqueue(name, {"any": "thing"}, user_id=person.id)
        assert (enqueued.job.job_type, enqueued.job.params) == (name, {"any": "thing"})
        with pytest.raises(UnknownJobTypeError):
            await jobs.enqueue("no_such_type", {}, user_id=person.id)


async def test_a_repeated_request_with_a_key_says_so(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    fox = StoryRequest(theHero="Fox")
    async with jobs:
        first, again = [
            await jobs.enqueue(
                story, fox, user_id=person.id, idempotency_key="one", priority=Priority.HIGH
            )
            for _ in range(2)
        ]
    assert (first.outcome, again.outcome) == ("created", "existing")
    assert first.job.id == again.job.id
    assert first.job.priority == 8


async def test_what_does_not_run_says_so(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    with pytest.raises(NotRunningError):
        await jobs.enqueue(story, StoryRequest(theHero="Fox"), user_id=person.id)


def test_threads_without_an_event_loop_share_one_client(
    stack: StackInfo, jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    before, threads = count_connections(stack), threading.active_count()
    fox = StoryRequest(theHero="Fox")
    with jobs.sync() as queue, ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(queue.enqueue, story, fox, user_id=person.id) for _ in range(100)]
        ids = {each.result().job.id for each in asked}
        with pytest.raises(UserGoneError):
            queue.enqueue(story, fox, user_id=uuid4())
    assert len(ids) == 100
    assert (count_connections(stack), threading.active_count()) == (before, threads)


def test_threads_get_their_answers_while_another_one_closes_the_client(
    jobs: Supajobs, story: JobType[StoryRequest]
) -> None:
    queue, switching = jobs.sync(), sys.getswitchinterval()
    answers = list[type[Exception]]()

    def ask() -> None:
        for _ in range(100):
            try:
                queue.enqueue(story, {}, user_id=None)
            except (InvalidRequestError, NotRunningError, RuntimeError) as refused:
                answers.append(type(refused))

    # Daemons, for one that waits for ever would keep the tests from their end.
    threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    sys.setswitchinterval(1e-6)  # s; so that one closes it amid what another one does
    try:
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            queue.close()
    finally:
        sys.setswitchinterval(switching)
        queue.close()
    assert len(answers) == 800
    assert set(answers) <= {InvalidRequestError, NotRunningError}


def test_jobs_of_the_system_are_asked_for_without_an_event_loop(
    jobs: Supajobs, story: JobType[StoryRequest], sql: Sql
) -> None:
    with jobs.sync() as queue:
        enqueued = queue.enqueue(story, StoryRequest(theHero="Fox"), user_id=None)
    found = sql.execute(
        "delete from plan_generation_jobs where id = %s returning user_id", [enqueued.job.id]
    )
    assert found.fetchone() == {"user_id": None}


def test_a_client_that_cannot_be_opened_leaves_no_thread(
    jobs: Supajobs, story: JobType[StoryRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = threading.active_count()
    monkeypatch.setenv("http_proxy", "ftp://127.0.0.1")
    monkeypatch.setenv("no_proxy", "")
    queue = jobs.sync()
    with pytest.raises(ValueError, match="proxy"):
        queue.enqueue(story, StoryRequest(theHero="Fox"), user_id=None)
    assert threading.active_count() == threads


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_a_client_of_its_own(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person, sql: Sql
) -> None:
    fox = StoryRequest(theHero="Fox")
    with jobs.sync() as queue:
        queue.enqueue(story, fox, user_id=person.id)
        child = os.fork()
        if child == 0:
            try:
                queue.enqueue(story, fox, user_id=person.id)
                os._exit(0)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    jobs_of = "select count(*) from plan_generation_jobs where user_id = %s"
    assert sql.execute(jobs_of, [person.id]).fetchone() == {"count": 2}


def test_a_script_tells_a_job_what_it_waits_for(
    jobs: Supajobs, story: JobType[StoryRequest], person: Person
) -> None:
    with jobs.sync() as queue:
        asked = queue.enqueue(story, StoryRequest(theHero="Fox"), user_id=person.id)
        told = queue.signal(asked.job.id, "approval", {"by": "Owl"}, user_id=person.id)
        again = queue.signal(asked.job.id, "approval", user_id=person.id)
        with pytest.raises(JobNotFoundError):
            queue.signal(asked.job.id, "approval", user_id=None)
    assert (told.outcome, told.payload) == ("stored", {"by": "Owl"})
    assert (again.outcome, again.payload) == ("existing", {"by": "Owl"})
