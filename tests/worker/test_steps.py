"""What a handler has paid for is not paid for again, and what it spent is on record."""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from pydantic import JsonValue
from tests.parts import NoParams, Person, Sql, enqueue, expire_lease, make_processor
from tests.serving import eventually

from supajobs.errors import SupabaseUnavailableError
from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed, PermanentError, Usage
from supajobs.queue.job_queue import JobQueue

ReadJob = Callable[[UUID], Mapping[str, Any]]
MakeJobType = Callable[..., str]

CHEAP = Usage(model="small", input_tokens=100, output_tokens=10, cost_usd=0.1)
DEAR = Usage(model="large", input_tokens=1000, output_tokens=100, cost_usd=0.2)
OF_UNKNOWN_PRICE = Usage(model="new", input_tokens=1, output_tokens=2)


class Work:
    """Counts how often each step's work was done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def of(self, name: str, output: JsonValue = None) -> Callable[[], Any]:
        async def work() -> JsonValue:
            self.done.append(name)
            return output if output is not None else f"the {name}"

        return work


def read_attempts(sql: Sql, job_id: UUID) -> list[dict[str, Any]]:
    return sql.execute(
        "select outcome, model, input_tokens, output_tokens, cost_usd::float as cost "
        "from plan_job_attempts where job_id = %s order by ended_at",
        [job_id],
    ).fetchall()


def read_steps(sql: Sql, job_id: UUID) -> dict[str, Any]:
    rows = sql.execute("select name, output from supajobs.steps where job_id = %s", [job_id])
    return {row["name"]: row["output"] for row in rows}


async def test_a_retry_goes_on_behind_the_last_finished_step(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, sql: Sql
) -> None:
    work = Work()
    outputs: dict[str, JsonValue] = {"outline": {"weeks": [1, 2]}, "block": [None, True, "✓"]}

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        outline = await job.step("outline", work.of("outline", outputs["outline"]))
        block = await job.step("block", work.of("block", outputs["block"]))
        if job.claimed.retry_count == 0:
            raise TimeoutError  # which is retried at once
        return Completed(result=[outline, block])

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, handle))
    assert await processor.drain() == {"retrying": 1, "completed": 1}
    assert work.done == ["outline", "block"]
    assert read_job(job_id)["result"] == list(outputs.values())
    assert read_steps(sql, job_id) == {}  # they go when the job has ended well


async def test_a_released_job_keeps_its_steps(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    work, behind_it = Work(), asyncio.Event()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        await job.step("outline", work.of("outline"))
        behind_it.set()
        await asyncio.Event().wait()
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    for _ in range(2):
        behind_it.clear()
        processor = make_processor(queue, JobType(name, NoParams, handle), grace_seconds=0)
        draining = asyncio.create_task(processor.drain())
        await behind_it.wait()
        processor.stop()
        assert await draining == {"released": 1}
    assert work.done == ["outline"]
    assert read_steps(sql, job_id) == {"outline": "the outline"}


async def test_a_user_who_asks_again_does_not_pay_again(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    work = Work()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        await job.step("outline", work.of("outline"))
        if len(work.done) == 1:
            work.done.append("failed")
            raise PermanentError("No.")
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, handle))
    assert await processor.drain() == {"failed": 1}
    await queue.retry(job_id, person.id)
    assert await processor.drain() == {"completed": 1}
    assert work.done == ["outline", "failed"]


async def test_an_output_that_can_no_longer_be_read_is_made_anew(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    work, allowed = Work(), ["the outline", "by new rules"]

    def read(output: JsonValue) -> str:
        if output != allowed[0]:
            raise ValueError("these are other rules")
        return str(output)

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        outline = await job.step("outline", work.of("outline", allowed[0]), read)
        if job.claimed.retry_count == 0:
            allowed.pop(0)  # as a new version of the handler would
            raise TimeoutError
        return Completed(result=outline)

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    await make_processor(queue, JobType(name, NoParams, handle)).drain()
    assert work.done == ["outline", "outline"]
    assert read_job(job_id)["result"] == "by new rules"


async def test_steps_are_read_once_and_only_if_there_are_any(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads = 0
    get_steps = queue.get_steps

    async def count(job: Any) -> Any:
        nonlocal reads
        reads += 1
        return await get_steps(job)

    monkeypatch.setattr(queue, "get_steps", count)
    work = Work()

    async def take_none(job: RunningJob, params: NoParams) -> Completed:
        return Completed()

    async def take_three(job: RunningJob, params: NoParams) -> Completed:
        for step in ("one", "two", "three"):
            await job.step(step, work.of(step))
        return Completed()

    for handle, expected in ((take_none, 0), (take_three, 1)):
        name = make_job_type()
        await enqueue(queue, person, name)
        await make_processor(queue, JobType(name, NoParams, handle)).drain()
        assert reads == expected


async def test_two_steps_have_two_names(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob
) -> None:
    work = Work()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        for _week in range(2):
            await job.step("week", work.of("week"))
        return Completed()

    name = make_job_type(max_retries=0)
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {"failed": 1}
    assert work.done == ["week"]
    assert read_job(job_id)["error"]["code"] == "internal_error"


@pytest.mark.parametrize("at", ["its first step", "the end of its step"])
async def test_a_job_that_was_lost_is_let_go_at_its_next_step(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    read_job: ReadJob,
    sql: Sql,
    at: str,
) -> None:
    ended: list[str] = []

    async def lose(job: RunningJob) -> JsonValue:
        sql.execute(  # somebody else's claim, as after a sweep
            "update plan_generation_jobs set claim_id = gen_random_uuid() where id = %s",
            [job.claimed.id],
        )
        return "paid for in vain"

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        try:
            if at == "its first step":
                await lose(job)
            await job.step("outline", lambda: lose(job))
            ended.append("as if nothing were")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {}
    assert ended == ["cancelled"]
    assert read_job(job_id)["status"] == "processing"
    assert read_steps(sql, job_id) == {}
    assert read_attempts(sql, job_id) == []


async def test_a_step_that_cannot_be_saved_for_the_moment_is_no_reason_to_stop(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    monkeypatch: pytest.MonkeyPatch,
    sql: Sql,
) -> None:
    save_step, saved = queue.save_step, list[tuple[str, Usage | None]]()
    troubles = [SupabaseUnavailableError()] * 2

    async def save_late(job: Any, name: str, output: JsonValue, usage: Usage | None) -> bool:
        if troubles:
            raise troubles.pop()
        saved.append((name, usage))
        return await save_step(job, name, output, usage)

    monkeypatch.setattr(queue, "save_step", save_late)
    work = Work()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(CHEAP)
        await job.step("one", work.of("one"))
        job.spend(DEAR)
        await job.step("two", work.of("two"))
        await job.step("three", work.of("three"))
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {"completed": 1}
    assert saved == [("two", DEAR), ("one", CHEAP), ("three", None)]  # each with its own cost
    [attempt] = read_attempts(sql, job_id)
    assert attempt["cost"] == pytest.approx(0.3)


async def test_an_output_that_cannot_be_stored_fails_the_job(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, sql: Sql
) -> None:
    work = Work()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(DEAR)
        await job.step("outline", work.of("outline", {"weeks": [math.nan]}))
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {"failed": 1}
    error = read_job(job_id)["error"]
    assert error["code"] == "outcome_refused"
    assert error["detail"]["where"] == "steps.outline.weeks.0"
    assert work.done == ["outline"]  # again and again would cost again and again
    assert read_attempts(sql, job_id)[0]["cost"] == pytest.approx(0.2)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"], ids=ascii)
async def test_text_that_cannot_be_stored_is_cleaned(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, text: str
) -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        return Completed(result=await job.step(text, Work().of("outline", {text: text})))

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {"completed": 1}
    assert read_job(job_id)["result"] == {"a\ufffdb": "a\ufffdb"}


ENDS: dict[str, tuple[str, type[BaseException] | None]] = {
    "completed": ("completed", None),
    "failed": ("failed", PermanentError),
    "retrying": ("retrying", KeyError),
}


@pytest.mark.parametrize("end", ENDS)
async def test_what_was_spent_is_on_record_however_it_ends(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, end: str
) -> None:
    outcome, error = ENDS[end]

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(CHEAP)
        job.spend(DEAR)
        job.spend(CHEAP)
        processor.stop()  # or a retry, which may be due at once, is one attempt more
        if error:
            raise error("No.")
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, handle))
    await processor.drain()
    [attempt] = read_attempts(sql, job_id)
    assert attempt["outcome"] == outcome
    assert attempt["model"] == "small, large"
    assert (attempt["input_tokens"], attempt["output_tokens"]) == (1200, 120)
    assert attempt["cost"] == pytest.approx(0.4)


async def test_what_was_spent_is_on_record_when_the_job_is_lost(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(CHEAP)
        expire_lease(sql, job.claimed.id)
        sql.execute("select supajobs.sweep()")
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    name = make_job_type(lease_seconds=1, max_crashes=1)
    job_id = await enqueue(queue, person, name)
    assert await make_processor(queue, JobType(name, NoParams, handle)).drain() == {"stale": 1}
    [attempt] = read_attempts(sql, job_id)
    assert (attempt["outcome"], attempt["cost"]) == ("crashed", pytest.approx(0.1))


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [({}, "released"), ({"max_runtime_seconds": 1, "max_retries": 0}, "failed")],
    ids=["released", "out of time"],
)
async def test_what_was_spent_is_on_record_when_it_is_stopped(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    sql: Sql,
    limits: dict[str, int],
    outcome: str,
) -> None:
    begun = asyncio.Event()

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(CHEAP)
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            job.spend(DEAR)  # as a call does that is broken off
        return Completed()

    name = make_job_type(**limits)
    job_id = await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, handle))
    draining = asyncio.create_task(processor.drain())
    await begun.wait()
    if outcome == "released":
        processor.stop()
    assert await draining == {outcome: 1}
    [attempt] = read_attempts(sql, job_id)
    assert (attempt["outcome"], attempt["model"]) == (outcome, "small, large")
    assert attempt["cost"] == pytest.approx(0.3)


async def test_a_crashed_attempt_is_charged_for_the_steps_it_saved(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, sql: Sql
) -> None:
    work, hangs = Work(), True

    async def handle(job: RunningJob, params: NoParams) -> Completed:
        job.spend(CHEAP)
        await job.step("one", work.of("one"))
        job.spend(DEAR)
        await job.step("two", work.of("two"))
        if hangs:
            job.spend(DEAR)  # of this nobody will know
            work.done.append("hangs")
            await asyncio.Event().wait()
        return Completed()

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    job_type = JobType(name, NoParams, handle)
    crashing = asyncio.create_task(make_processor(queue, job_type).drain())
    await eventually(lambda: "hangs" in work.done)
    expire_lease(sql, job_id)
    sql.execute("select supajobs.sweep()")
    [attempt] = read_attempts(sql, job_id)
    assert (attempt["outcome"], attempt["model"]) == ("crashed", "small, large")
    assert attempt["cost"] == pytest.approx(0.3)
    hangs = False
    assert await make_processor(queue, job_type).drain() == {"completed": 1}
    assert work.done == ["one", "two", "hangs"]
    crashing.cancel()
    await asyncio.wait({crashing})


async def test_steps_may_be_taken_side_by_side(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, read_job: ReadJob, sql: Sql
) -> None:
    async def handle(job: RunningJob, params: NoParams) -> Completed:
        async def write(week: int) -> JsonValue:
            async def work() -> JsonValue:
                await asyncio.sleep(0.01 * week)
                job.spend(CHEAP)
                return week

            return await job.step(f"week-{week}", work)

        weeks = await asyncio.gather(*map(write, range(4)))
        if job.claimed.retry_count == 0:
            raise TimeoutError
        return Completed(result=weeks)

    name = make_job_type()
    job_id = await enqueue(queue, person, name)
    await make_processor(queue, JobType(name, NoParams, handle)).drain()
    assert read_job(job_id)["result"] == [0, 1, 2, 3]
    first, second = read_attempts(sql, job_id)
    assert first["cost"] == pytest.approx(0.4)
    assert second["cost"] is None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([CHEAP, CHEAP], Usage(model="small", input_tokens=200, output_tokens=20, cost_usd=0.2)),
        (
            [DEAR, OF_UNKNOWN_PRICE, CHEAP],
            Usage(model="large, new, small", input_tokens=1101, output_tokens=112),
        ),
        ([CHEAP, Usage()], Usage(model="small", input_tokens=100, output_tokens=10)),
        ([Usage(), Usage()], Usage()),
    ],
)
def test_usage_adds_up(parts: list[Usage], expected: Usage) -> None:
    first, *others = parts
    assert sum(others, first) == expected
