"""Jobs that a handler asks for: with its completion, and in the middle."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import BaseModel
from tests.parts import Person, Sql, make_processor
from tests.wire import on_request

from supajobs.errors import EnqueueRateLimitedError, InvalidRequestError, UnknownJobTypeError
from supajobs.follow_ups import JobRequest
from supajobs.job_types import JobType, RunningJob, SyncRunningJob, job_type
from supajobs.outcomes import Completed, Failed, Released
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.messaging import find_operation
from supajobs.testing import run_inline


class Work(BaseModel):
    """What the first handler is to do; the second one has the defaults."""

    next: str = ""
    fails: bool = False


def follow(job: SyncRunningJob | RunningJob, work: Work) -> Completed:
    return Completed(
        result="Once",
        then=[{"job_type": work.next, "params": {}, "after": {"text": job.id}}],
    )


@job_type
async def tell(job: RunningJob, work: Work) -> Completed:
    """A text, and what is to follow."""
    return follow(job, work)


@job_type
def tell_in_a_thread(job: SyncRunningJob, work: Work) -> Completed:
    """The same."""
    return follow(job, work)


@job_type(runs_in="process")
def tell_in_a_process(job: SyncRunningJob, work: Work) -> Completed:
    """The same."""
    return follow(job, work)


@job_type
async def ask(job: RunningJob, work: Work) -> Completed:
    """Another job in the middle; the first attempt fails after that."""
    job_id = await job.enqueue("sound", {"job_type": work.next, "params": {}})
    if work.fails and job.attempt == 1:
        raise ValueError
    return Completed(result=job_id)


@job_type
def ask_in_a_thread(job: SyncRunningJob, work: Work) -> Completed:
    """The same."""
    job_id = job.enqueue("sound", {"job_type": work.next, "params": {}})
    if work.fails and job.attempt == 1:
        raise ValueError
    return Completed(result=job_id)


@job_type(runs_in="process")
def ask_in_a_process(job: SyncRunningJob, work: Work) -> Completed:
    """The same."""
    job_id = job.enqueue("sound", {"job_type": work.next, "params": {}})
    if work.fails and job.attempt == 1:
        raise ValueError
    return Completed(result=job_id)


async def read(job: RunningJob, _work: Work) -> Completed:
    return Completed(result={name: each.result for name, each in (await job.parents()).items()})


def named(name: str, handler: JobType[Any]) -> JobType[Any]:
    return JobType(name, Work, handler.handle, runs_in=handler.runs_in)


def look(sql: Sql, job_type: str) -> Sequence[dict[str, Any]]:
    return sql.execute(
        "select id, user_id, project_id, trace_id, status, result, error"
        " from plan_generation_jobs where job_type = %s",
        [job_type],
    ).fetchall()


@pytest.mark.parametrize("telling", [tell, tell_in_a_thread, tell_in_a_process])
async def test_what_is_to_follow_reads_the_result(
    queue: JobQueue,
    sql: Sql,
    person: Person,
    make_job_type: Callable[..., str],
    telling: JobType[Any],
) -> None:
    first, second = make_job_type(), make_job_type()
    project_id = uuid4()
    await queue.enqueue(
        user_id=person.id,
        job_type=first,
        params={"next": second},
        project_id=project_id,
        trace_id="a trace",
    )
    processor = make_processor(queue, named(first, telling), JobType(second, Work, read))
    assert await processor.drain() == {"completed": 2}
    [row] = look(sql, second)
    assert row["result"] == {"text": "Once"}
    assert (row["user_id"], row["project_id"], row["trace_id"]) == (
        person.id,
        project_id,
        "a trace",
    )


@pytest.mark.parametrize("asking", [ask, ask_in_a_thread, ask_in_a_process])
async def test_a_job_in_the_middle_is_requested_once(
    queue: JobQueue,
    sql: Sql,
    person: Person,
    make_job_type: Callable[..., str],
    asking: JobType[Any],
) -> None:
    first, second = make_job_type(backoff_base_seconds=0), make_job_type()
    await queue.enqueue(user_id=person.id, job_type=first, params={"next": second, "fails": True})
    processor = make_processor(queue, named(first, asking), JobType(second, Work, read))
    assert await processor.drain() == {"retrying": 1, "completed": 2}
    [child] = look(sql, second)
    [parent] = look(sql, first)
    assert UUID(parent["result"]) == child["id"]


async def test_what_is_refused_fails_the_job(
    queue: JobQueue, sql: Sql, person: Person, make_job_type: Callable[..., str]
) -> None:
    telling, asking = make_job_type(), make_job_type()
    for name in (telling, asking):
        await queue.enqueue(user_id=person.id, job_type=name, params={"next": "no.such.type"})
    processor = make_processor(queue, named(telling, tell), named(asking, ask))
    assert await processor.drain() == {"failed": 2}
    for name in (telling, asking):
        [row] = look(sql, name)
        assert row["error"]["code"] == "follow_up_refused"


@pytest.mark.parametrize("option", [{"priority": "urgent"}, {"run_at": "never"}])
async def test_an_option_that_is_none_fails_the_job_that_asks(
    queue: JobQueue,
    sql: Sql,
    person: Person,
    make_job_type: Callable[..., str],
    option: dict[str, Any],
) -> None:
    telling, asking = make_job_type(), make_job_type()
    request: Any = {"job_type": telling, "params": {}, **option}

    async def tell_wrongly(job: RunningJob, work: Work) -> Completed:
        return Completed(then=[request])

    async def ask_wrongly(job: RunningJob, work: Work) -> Completed:
        return Completed(result=await job.enqueue("sound", request))

    for name in (telling, asking):
        await queue.enqueue(user_id=person.id, job_type=name, params={})
    job_types = JobType(telling, Work, tell_wrongly), JobType(asking, Work, ask_wrongly)
    assert await make_processor(queue, *job_types).drain() == {"failed": 2}
    for name in (telling, asking):
        [row] = look(sql, name)
        assert row["error"]["code"] == "follow_up_refused"


async def ask_otherwise(job: RunningJob, work: Work) -> Completed:
    with suppress(UnknownJobTypeError):
        await job.enqueue("sound", {"job_type": "no.such.type", "params": {}})
    return Completed(result=await job.enqueue("sound", {"job_type": work.next, "params": {}}))


def ask_otherwise_in_a_thread(job: SyncRunningJob, work: Work) -> Completed:
    with suppress(UnknownJobTypeError):
        job.enqueue("sound", {"job_type": "no.such.type", "params": {}})
    return Completed(result=job.enqueue("sound", {"job_type": work.next, "params": {}}))


@pytest.mark.parametrize("asking", [ask_otherwise, ask_otherwise_in_a_thread])
async def test_what_was_refused_may_be_asked_for_otherwise(
    queue: JobQueue,
    sql: Sql,
    person: Person,
    make_job_type: Callable[..., str],
    asking: Any,
) -> None:
    name, wanted = make_job_type(), make_job_type()
    await queue.enqueue(user_id=person.id, job_type=name, params={"next": wanted})
    assert await make_processor(queue, JobType(name, Work, asking)).drain() == {"completed": 1}
    [asked], [job] = look(sql, name), look(sql, wanted)
    assert asked["result"] == str(job["id"])


async def test_what_a_debounce_lacks_fails_the_job_that_asks(
    queue: JobQueue, sql: Sql, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()

    async def postpone(job: RunningJob, work: Work) -> Completed:
        request = JobRequest(job_type=name, params={}, debounce_seconds=5)
        return Completed(result=await job.enqueue("later", request))

    await queue.enqueue(user_id=person.id, job_type=name, params={})
    assert await make_processor(queue, JobType(name, Work, postpone)).drain() == {"failed": 1}
    [row] = look(sql, name)
    assert row["error"]["code"] == "follow_up_refused"


async def test_a_limit_in_the_middle_is_waited_for(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    few = make_job_type(max_enqueues=1, enqueue_window_seconds=600)
    await queue.enqueue(user_id=person.id, job_type=few, params={})
    name = make_job_type()
    await queue.enqueue(user_id=person.id, job_type=name, params={})
    [job] = await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[name])
    with pytest.raises(EnqueueRateLimitedError):
        await queue.flows.enqueue(job, "sound", {"job_type": few, "params": {}})
    with pytest.raises(UnknownJobTypeError):
        await queue.flows.enqueue(job, "sound", {"job_type": "no.such.type", "params": {}})
    await queue.release([(job, Released())])
    assert await queue.flows.enqueue(job, "sound", {"job_type": name, "params": {}}) is None


async def test_a_test_sees_what_was_asked_for() -> None:
    run = await run_inline(tell, Work(next="audio"))
    [request] = run.then
    assert (request["job_type"], request["params"]) == ("audio", {})
    assert run.enqueued == {}

    run = await run_inline(ask, Work(next="audio"))
    assert run.enqueued == {"sound": {"job_type": "audio", "params": {}}}
    assert run.steps == {"sound": {"job_id": run.result}}
    again = await run_inline(ask, Work(next="audio"), saved_steps=run.steps)
    assert (again.enqueued, again.result) == ({}, run.result)


async def test_a_type_checks_and_keeps_the_params() -> None:
    user_id = uuid4()
    request = tell.request(Work(next="audio"), user_id=user_id, priority=8)
    assert request == {
        "job_type": "tell",
        "params": {"next": "audio", "fails": False},
        "user_id": user_id,
        "priority": 8,
    }


NO_REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"then": [tell]}, "then.0"),
    ({"then": [1]}, "then.0"),
    ({"then": "story"}, "then"),
    ({"then": {"job_type": "audio", "params": {}}}, "then"),
    ({"then": 5}, "then"),
    ({"then": 0}, "then"),
    ({"then": Work()}, "then"),
    ({"then": [{"job_type": "audio", "params": {}}, {"job_type": "audio"}]}, "then.1"),
    ({"plan": [1]}, "plan"),
]


@pytest.mark.parametrize(("returned", "where"), NO_REQUESTS)
async def test_what_is_no_request_fails_the_job(returned: Any, where: str) -> None:
    @job_type
    async def mistake(_job: RunningJob, _work: Work) -> Completed:
        return Completed(**returned)

    run = await run_inline(mistake, Work())
    assert isinstance(run.outcome, Failed)
    assert (run.outcome.error.code, run.outcome.retryable) == ("outcome_refused", False)
    assert isinstance(run.outcome.error.detail, dict)
    assert run.outcome.error.detail["where"] == where


async def test_nothing_is_no_request_either() -> None:
    nothing: Any = None

    @job_type
    async def mistake(job: RunningJob, _work: Work) -> Completed:
        return Completed(result=await job.enqueue("next", nothing))

    run = await run_inline(mistake, Work())
    assert isinstance(run.outcome, Failed)
    assert (run.outcome.error.code, run.enqueued) == ("outcome_refused", {})


@pytest.mark.parametrize(
    "after",
    ["x", 5, [None], {"text": 3}, {"a\0": uuid4()}, ["b\ud800"], {UUID(int=1): UUID(int=2)}],
)
def test_what_a_request_comes_after_is_told_in_one_sentence(after: Any) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        tell.request(Work(), after=after)
    [wrong] = refused.value.errors
    assert wrong["field"] == "after"
    assert "[" not in wrong["message"]


async def test_a_request_in_the_middle_is_a_send(
    queue: JobQueue, database: Database, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()
    await queue.enqueue(user_id=person.id, job_type=name, params={})
    [job] = await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[name])
    operations: list[object] = []

    async def note(_: httpx.Request) -> None:
        operations.append(find_operation().get("messaging.operation.name"))

    on_request(database, note)
    await queue.flows.enqueue(job, "sound", {"job_type": name, "params": {}})
    await queue.release([(job, Released())])
    assert operations == ["enqueue", "release"]
