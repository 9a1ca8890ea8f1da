"""The queues that users test their code with, and the fixtures that bring them."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Unpack
from uuid import uuid4

import pytest
from pydantic import BaseModel
from tests.cli.test_catalogue import HEAVY, SERVING
from tests.parts import Sql

from supajobs.app import Supajobs
from supajobs.client import NewJob
from supajobs.errors import IdempotencyConflictError, InvalidRequestError, ParentNotFoundError
from supajobs.follow_ups import JobRequest
from supajobs.job_types import JobType, RunningJob, job_type
from supajobs.jobs import JobStatus
from supajobs.outcomes import Completed, PermanentError, UnavailableError
from supajobs.queue.answers import Enqueued
from supajobs.queue.requests import JobOptions
from supajobs.testing import InMemoryQueue, StackQueue
from supajobs.waits import Snooze


class StoryRequest(BaseModel):
    hero: str
    told_on: datetime | None = None


@job_type
async def story(job: RunningJob, request: StoryRequest) -> Completed:
    """Told with the second attempt."""
    if request.hero == "Nobody":
        raise PermanentError("A story needs a hero.", code="no_hero")
    if job.attempt == 1:
        raise UnavailableError
    return Completed(result=f"{request.hero} falls asleep.")


Story = Callable[[], JobType[StoryRequest]]


@pytest.fixture
def make_story(make_job_type: Callable[..., str]) -> Story:
    def make_story() -> JobType[StoryRequest]:
        return JobType(make_job_type(), StoryRequest, story.handle)

    return make_story


async def test_what_was_asked_for_is_asserted() -> None:
    queue = InMemoryQueue()
    told_on = datetime(2026, 12, 24, tzinfo=UTC)
    asked = await queue.enqueue(story, StoryRequest(hero="Fox", told_on=told_on), user_id=None)
    await queue.enqueue("digest", {"weekly": True}, user_id=None, priority=8)
    assert queue.assert_enqueued(story, hero="Fox") == asked.job
    assert queue.assert_enqueued(story, told_on="2026-12-24T00:00:00Z") == asked.job
    assert queue.assert_enqueued("digest").priority == 8
    assert [job.job_type for job in queue.jobs] == ["story", "digest"]
    with pytest.raises(AssertionError, match=r"Nobody asked for story with .*Bear") as failed:
        queue.assert_enqueued(story, hero="Bear")
    assert "digest {'weekly': True}" in str(failed.value)


async def test_a_request_in_memory_is_checked_and_repeated_as_any_other() -> None:
    queue = InMemoryQueue()
    with pytest.raises(InvalidRequestError):
        await queue.enqueue(story, {"villain": "Wolf"}, user_id=None)
    again = [
        await queue.enqueue(story, {"hero": "Fox"}, user_id=None, idempotency_key="one")
        for _ in range(2)
    ]
    assert [each.outcome for each in again] == ["created", "existing"]
    assert queue.jobs == [again[0].job]


async def test_a_debounced_request_in_memory_takes_the_place_of_the_last_one() -> None:
    queue = InMemoryQueue()

    async def ask(hero: str, **options: Unpack[JobOptions]) -> Enqueued:
        return await queue.enqueue(story, {"hero": hero}, user_id=None, **options)

    first = await ask("Fox", debounce_seconds=60, idempotency_key="one")
    second = await ask("Bear", debounce_seconds=90, debounce_max_seconds=90)
    other = await ask("Owl", debounce_seconds=60, project_id=uuid4())
    assert [each.outcome for each in (first, second, other)] == ["created", "existing", "created"]
    assert [each.replaced for each in (first, second, other)] == [False, True, False]
    assert [job.params["hero"] for job in queue.jobs] == ["Bear", "Owl"]
    assert first.job.run_at == first.job.created_at + timedelta(seconds=60)
    assert second.job.run_at == first.job.created_at + timedelta(seconds=90)
    assert await ask("Fox", debounce_seconds=60, idempotency_key="one") == Enqueued(
        outcome="existing", job=second.job
    )


REFUSED: list[tuple[JobOptions, str]] = [
    ({"debounce_seconds": -4}, "debounce_seconds: Input should be greater than or equal to 0"),
    ({"debounce_seconds": 604801}, "debounce_seconds: Input should be less than or equal to"),
    ({"debounce_max_seconds": 60}, "Send debounce_seconds with debounce_max_seconds"),
    ({"debounce_seconds": 60, "debounce_max_seconds": 59}, "no less than debounce_seconds"),
    ({"debounce_seconds": 60, "after": [uuid4()]}, "the requests for it decide"),
    ({"debounce_seconds": 60, "run_at": datetime.now(UTC)}, "the requests for it decide"),
    ({"idempotency_key": "k" * 256}, "idempotency_key: String should have at most 255"),
    ({"priority": 11}, "priority: One of low, normal, high"),
    ({"ttl_hours": 169}, "ttl_hours: Input should be less than or equal to 168"),
]


@pytest.mark.parametrize(("options", "told"), REFUSED)
async def test_what_no_queue_takes_is_refused_in_memory_too(options: JobOptions, told: str) -> None:
    queue = InMemoryQueue()
    with pytest.raises(InvalidRequestError) as refused:
        await queue.enqueue(story, {"hero": "Fox"}, user_id=None, **options)
    assert told in refused.value.__notes__[0]
    assert not queue.jobs


async def test_a_key_in_memory_stands_for_one_request() -> None:
    queue = InMemoryQueue()
    await queue.enqueue(story, {"hero": "Fox"}, user_id=None, idempotency_key="one")
    with pytest.raises(IdempotencyConflictError):
        await queue.enqueue(story, {"hero": "Bear"}, user_id=None, idempotency_key="one")
    others = await queue.enqueue(story, {"hero": "Bear"}, user_id=uuid4(), idempotency_key="one")
    assert others.outcome == "created"


async def test_many_requests_in_memory_name_each_other() -> None:
    queue = InMemoryQueue()
    earlier = (await queue.enqueue(story, {"hero": "Owl"}, user_id=None)).job.id
    answers = await queue.enqueue_many(
        [
            NewJob(story, StoryRequest(hero="Fox"), user_id=None, ref="fox"),
            NewJob(story, {"villain": "Wolf"}, user_id=None, ref="wolf"),
            NewJob(
                story, {"hero": "Bear"}, user_id=None, after={"first": "fox", "old": str(earlier)}
            ),
            NewJob(story, {"hero": "Bear"}, user_id=None, after=["wolf"]),
            NewJob(story, {"hero": "Bear"}, user_id=None, after=["later"]),
            NewJob(story, {"hero": "Bear"}, user_id=None, ref="later", after=[earlier]),
        ]
    )
    fox, wolf, bear, no_wolf, too_early, later = answers
    assert isinstance(fox, Enqueued)
    assert isinstance(bear, Enqueued)
    assert isinstance(later, Enqueued)
    assert isinstance(wolf, InvalidRequestError)
    assert isinstance(no_wolf, ParentNotFoundError)
    assert isinstance(too_early, ParentNotFoundError)
    assert [job.id for job in queue.jobs] == [earlier, fox.job.id, bear.job.id, later.job.id]
    assert [job.is_held for job in queue.jobs] == [False, False, True, True]
    assert queue.parents == {
        bear.job.id: {"first": fox.job.id, "old": earlier},
        later.job.id: {str(earlier): earlier},
    }


async def test_a_ref_holds_in_its_call_alone() -> None:
    queue = InMemoryQueue()
    await queue.enqueue_many([NewJob(story, {"hero": "Fox"}, user_id=None, ref="fox")])
    with pytest.raises(ParentNotFoundError):
        await queue.enqueue(story, {"hero": "Bear"}, user_id=None, after=["fox"])


def test_a_job_goes_on_once_it_was_told(
    supajobs_queue: StackQueue, make_job_type: Callable[..., str]
) -> None:
    async def publish(job: RunningJob, _request: StoryRequest) -> Completed:
        return Completed(result=await job.wait_for("approval", timeout=timedelta(days=1)))

    waiting = JobType(make_job_type(), StoryRequest, publish)
    job = supajobs_queue.enqueue(waiting, StoryRequest(hero="Fox")).job
    assert supajobs_queue.drain() == {"suspended": 1}
    assert supajobs_queue.drain() == {}
    assert supajobs_queue.signal(job.id, "approval", {"by": "Owl"}).outcome == "stored"
    assert supajobs_queue.drain() == {"completed": 1}
    assert supajobs_queue.read(job.id).result == {"by": "Owl"}


def test_what_else_is_asked_of_a_queue_its_settings_lead_to(
    supajobs_queue: StackQueue, make_story: Story
) -> None:
    told = make_story()
    job = supajobs_queue.enqueue(told, StoryRequest(hero="Fox")).job
    with Supajobs(supajobs_queue.settings, job_types=[told]).sync() as queue:
        assert queue.cancel(job.id, user_id=None).status == JobStatus.CANCELLED
        assert queue.retry(job.id, user_id=None).status == JobStatus.PENDING
        assert queue.get(job.id, user_id=None) == supajobs_queue.read(job.id)


def test_many_are_asked_for_at_once(supajobs_queue: StackQueue, make_story: Story) -> None:
    told = make_story()
    first = NewJob(told, StoryRequest(hero="Fox"), user_id=None, ref="first")
    second = NewJob(told, StoryRequest(hero="Owl"), user_id=None, after=["first"])
    answers = supajobs_queue.enqueue_many([second, first, second])
    early, *asked = answers
    assert isinstance(early, ParentNotFoundError)
    assert supajobs_queue.drain() == {"retrying": 2, "completed": 2}
    results = [supajobs_queue.read(each.job.id).result for each in asked]  # type: ignore[union-attr]
    assert results == ["Fox falls asleep.", "Owl falls asleep."]


def test_a_drain_waits_neither_for_a_time_nor_for_a_retry(
    supajobs_queue: StackQueue, make_story: Story
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    told, user_id = make_story(), supajobs_queue.sign_up()
    job = supajobs_queue.enqueue(
        told, StoryRequest(hero="Fox"), user_id=user_id, run_at=tomorrow
    ).job
    assert supajobs_queue.drain() == {"retrying": 1, "completed": 1}
    ended = supajobs_queue.read(job.id)
    assert (ended.status, ended.user_id) == (JobStatus.COMPLETED, user_id)
    assert ended.result == "Fox falls asleep."
    assert supajobs_queue.drain() == {}


def test_what_snoozes_waits_for_the_next_drain(
    supajobs_queue: StackQueue, make_job_type: Callable[..., str]
) -> None:
    is_ready = False

    async def wait(job: RunningJob, request: StoryRequest) -> Completed:
        await job.sleep("once", days=2)
        if not is_ready:
            raise Snooze(600)
        return Completed()

    waiting = JobType(make_job_type(), StoryRequest, wait)
    job = supajobs_queue.enqueue(waiting, StoryRequest(hero="Fox")).job
    assert supajobs_queue.drain() == {"suspended": 2}
    assert supajobs_queue.read(job.id).status == JobStatus.PENDING
    assert supajobs_queue.drain() == {"suspended": 1}
    is_ready = True
    assert supajobs_queue.drain() == {"completed": 1}


def test_jobs_that_wait_without_end_fail_the_test(
    supajobs_queue: StackQueue,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.testing.stack_queue.MAX_ROUNDS", 5)
    rounds = 0

    async def look_again(job: RunningJob, request: StoryRequest) -> Completed:
        nonlocal rounds
        rounds += 1
        assert rounds < 9, "it never ends"
        for number in range(rounds):
            await job.sleep(f"look {number}", hours=1)
        return Completed()

    looking = JobType(make_job_type(), StoryRequest, look_again)
    job = supajobs_queue.enqueue(looking, StoryRequest(hero="Fox")).job
    with pytest.raises(AssertionError, match=f"wait without end: {looking.name} {job.id}"):
        supajobs_queue.drain()


def test_jobs_that_ask_for_themselves_without_end_fail_the_test(
    supajobs_queue: StackQueue,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.testing.stack_queue.ROUND_SECONDS", 1)
    name, runs = make_job_type(), 0

    async def ask_again(job: RunningJob, request: StoryRequest) -> Completed:
        nonlocal runs
        runs += 1
        again = JobRequest(job_type=name, params={"hero": "Fox"})
        return Completed(then=[again] if runs < 1000 else None)

    supajobs_queue.enqueue(JobType(name, StoryRequest, ask_again), StoryRequest(hero="Fox"))
    with pytest.raises(AssertionError, match=f"without end: {name}"):
        supajobs_queue.drain()


async def test_it_does_so_in_tests_that_are_coroutines(
    supajobs_queue: StackQueue, make_story: Story
) -> None:
    job = supajobs_queue.enqueue(make_story(), StoryRequest(hero="Nobody")).job
    assert supajobs_queue.drain() == {"failed": 1}
    error = supajobs_queue.read(job.id).error
    assert error
    assert error.code == "no_hero"


def test_each_test_finds_it_empty(supajobs_queue: StackQueue, make_story: Story, sql: Sql) -> None:
    story = make_story()
    job = supajobs_queue.enqueue(story, StoryRequest(hero="Fox")).job
    sql.execute(
        "insert into plan_job_schedules"
        " (name, job_type, interval_seconds, next_run_at, period_seconds, params)"
        """ values ('often', %s, 900, now(), 900, '{"hero": "Fox"}')""",
        [story.name],
    )
    supajobs_queue.clear()
    with pytest.raises(LookupError):
        supajobs_queue.read(job.id)
    assert supajobs_queue.drain() == {}


def test_what_nobody_can_run_is_left(
    supajobs_queue: StackQueue, make_job_type: Callable[..., str]
) -> None:
    job = supajobs_queue.enqueue(make_job_type(), {}).job
    assert supajobs_queue.drain() == {}
    assert supajobs_queue.read(job.id).status == JobStatus.PENDING


def test_the_plugin_costs_nothing_where_it_is_not_used() -> None:
    program = "import sys; import supajobs.pytest_plugin; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert not set(done.stdout.split()) & (HEAVY | SERVING)
