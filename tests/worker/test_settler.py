"""How many calls the settles of a worker need. What each call does is in test_queue.py."""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator
from uuid import uuid4

import httpx
import pytest
from opentelemetry import trace
from psycopg.rows import dict_row
from tests.parts import Person, Sql
from tests.serving import eventually
from tests.wire import on_request

from supajobs.errors import SupabaseRefusedError
from supajobs.jobs import ClaimedJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, Failed, JobError, Outcome, Released
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.settler import MAX_BATCH, Settler

BROKEN = JobError(code="x", message="x")


@pytest.fixture
def calls(database: Database) -> list[str]:
    """The functions that were called, in turn."""
    calls: list[str] = []

    async def note(request: httpx.Request) -> None:
        calls.append(request.url.path.rpartition("/")[2])

    on_request(database, note)
    return calls


@pytest.fixture
def lock(stack: StackInfo) -> Generator[Callable[[ClaimedJob], Sql]]:
    """Has a job's row locked by somebody, until the transaction ends."""
    with Sql.connect(stack.db_url, row_factory=dict_row) as holder:

        def lock(job: ClaimedJob) -> Sql:
            holder.execute("select from plan_generation_jobs where id = %s for update", [job.id])
            return holder

        yield lock


async def claim(
    queue: JobQueue, person: Person, sql: Sql, job_type: str, jobs: int
) -> list[ClaimedJob]:
    sql.execute(
        "select enqueue_plan_job(%s, %s, '{}') from generate_series(1, %s)",
        [person.id, job_type, jobs],
    )
    return await queue.claim(
        claim_id=uuid4(), worker_id="test", max_jobs=jobs, job_types=[job_type]
    )


async def test_a_lone_job_is_settled_by_a_call_of_its_own(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str], calls: list[str]
) -> None:
    [job] = await claim(queue, person, sql, make_job_type(), 1)
    settled = await Settler(queue).settle(job, Completed())
    assert settled.outcome == "completed"
    assert calls[1:] == ["complete_plan_jobs"]


async def test_jobs_that_end_together_share_a_call(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str], calls: list[str]
) -> None:
    jobs = await claim(queue, person, sql, make_job_type(), 2 * MAX_BATCH + 50)
    settler = Settler(queue)
    settled = await asyncio.gather(*(settler.settle(job, Completed()) for job in jobs))
    assert [each.job_id for each in settled] == [job.id for job in jobs]
    assert calls[1:] == ["complete_plan_jobs"] * 3


async def test_what_ends_while_a_call_is_under_way_goes_into_the_next(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str], calls: list[str]
) -> None:
    first, *others = await claim(queue, person, sql, make_job_type(), 21)
    settler = Settler(queue)
    settling = asyncio.create_task(settler.settle(first, Completed()))
    await eventually(lambda: len(calls) == 2)
    await asyncio.gather(*(settler.settle(job, Completed()) for job in others))
    assert settling.done()
    assert calls[1:] == ["complete_plan_jobs"] * 2


async def test_a_call_is_traced_as_the_first_of_its_jobs(
    queue: JobQueue, database: Database, person: Person, sql: Sql, make_job_type: Callable[..., str]
) -> None:
    callers: list[int] = []
    go_on = asyncio.Event()

    async def note(_request: httpx.Request) -> None:
        callers.append(trace.get_current_span().get_span_context().span_id)
        await go_on.wait()

    first, *others = await claim(queue, person, sql, make_job_type(), 3)
    on_request(database, note)
    settler = Settler(queue)

    async def settle(job: ClaimedJob, span_id: int) -> None:
        context = trace.SpanContext(trace_id=1, span_id=span_id, is_remote=False)
        with trace.use_span(trace.NonRecordingSpan(context)):
            await settler.settle(job, Completed())

    settling = [asyncio.create_task(settle(first, 1))]
    await eventually(lambda: callers == [1])
    settling += [asyncio.create_task(settle(job, number)) for number, job in enumerate(others, 2)]
    await asyncio.sleep(0)  # they wait for the next call
    go_on.set()
    await asyncio.gather(*settling)
    assert callers == [1, 2]


async def test_each_kind_of_outcome_has_its_call(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str], calls: list[str]
) -> None:
    jobs = await claim(queue, person, sql, make_job_type(), 6)
    settler = Settler(queue)
    outcomes = [Completed(), Failed(JobError(code="x", message="x")), Released()] * 2
    settled = await asyncio.gather(*map(settler.settle, jobs, outcomes))
    assert [each.outcome for each in settled] == ["completed", "retrying", "released"] * 2
    assert Counter(calls[1:]) == {
        "complete_plan_jobs": 1,
        "fail_plan_jobs": 1,
        "release_plan_jobs": 1,
    }


async def test_a_locked_job_keeps_no_other_waiting(
    queue: JobQueue,
    person: Person,
    sql: Sql,
    make_job_type: Callable[..., str],
    calls: list[str],
    lock: Callable[[ClaimedJob], Sql],
) -> None:
    jobs = await claim(queue, person, sql, make_job_type(), 3)
    lock(jobs[1])
    settler = Settler(queue)
    settled = await asyncio.gather(*(settler.settle(job, Completed()) for job in jobs))
    assert [each.outcome for each in settled] == ["completed", "busy", "completed"]
    assert calls[1:] == ["complete_plan_jobs"]


@pytest.mark.parametrize("outcome", [Completed(), Failed(BROKEN, retryable=False), Released()])
async def test_a_locked_job_is_settled_when_it_is_free(
    queue: JobQueue,
    person: Person,
    sql: Sql,
    make_job_type: Callable[..., str],
    calls: list[str],
    lock: Callable[[ClaimedJob], Sql],
    outcome: Outcome,
) -> None:
    [job] = await claim(queue, person, sql, make_job_type(), 1)
    holder = lock(job)
    settling = asyncio.create_task(Settler(queue).settle_on(job, outcome, while_=lambda: True))
    await eventually(lambda: len(calls) == 4)
    assert not settling.done()
    holder.rollback()
    settled = await settling
    assert settled
    assert settled.outcome == outcome.__class__.__name__.lower()


async def test_a_locked_job_that_was_lost_is_given_up_after_a_moment(
    queue: JobQueue,
    person: Person,
    sql: Sql,
    make_job_type: Callable[..., str],
    calls: list[str],
    lock: Callable[[ClaimedJob], Sql],
) -> None:
    [job] = await claim(queue, person, sql, make_job_type(), 1)
    lock(job)
    assert await Settler(queue).settle_on(job, Completed(), while_=lambda: False) is None
    assert len(calls[1:]) == 6  # 50, 100, 200, 400 and 800 ms apart


async def test_an_outcome_that_cannot_be_stored_takes_no_other_along(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str]
) -> None:
    jobs = await claim(queue, person, sql, make_job_type(), 3)
    settler = Settler(queue)
    good, bad, also_good = await asyncio.gather(
        *(
            settler.settle(job, Completed(result=text))
            for job, text in zip(jobs, "a\0c", strict=True)
        ),
        return_exceptions=True,
    )
    assert isinstance(bad, SupabaseRefusedError)
    assert [getattr(each, "outcome", each) for each in (good, also_good)] == ["completed"] * 2
