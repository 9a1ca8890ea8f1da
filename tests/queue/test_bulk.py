"""What operators do to many jobs, beside others who change them."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.parts import Person, Sql

from supajobs.errors import InvalidRequestError, SupajobsError
from supajobs.local.stack import StackInfo
from supajobs.queue.bulk import Change, JobFilter
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry


async def enqueue(queue: JobQueue, person: Person, job_type: str, count: int) -> list[UUID]:
    asked = [
        Entry(user_id=person.id, job_type=job_type, params={}, options={}) for _ in range(count)
    ]
    answers = await queue.enqueue_many(asked)
    return [answer.job.id for answer in answers if not isinstance(answer, SupajobsError)]


async def test_hundreds_are_changed_in_steps(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type()
    await enqueue(queue, person, job_type, 1200)
    jobs: JobFilter = {"job_type": job_type, "user_id": person.id, "status": ["pending"]}
    assert await queue.bulk.count(jobs) == 1200
    steps = [step async for step in queue.bulk.change("prioritise", jobs, priority=9)]
    assert len(steps) >= 3
    assert sum(steps, Counter[str]()) == {"prioritised": 1200}
    steps = [step async for step in queue.bulk.change("cancel", jobs)]
    assert sum(steps, Counter[str]()) == {"cancelled": 1200}
    assert await queue.bulk.count(jobs) == 0


@pytest.mark.parametrize("change", ["cancel", "prioritise"])
async def test_who_has_a_job_keeps_no_others_back(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    stack: StackInfo,
    change: Change,
) -> None:
    job_type = make_job_type()
    [_, locked, _] = await enqueue(queue, person, job_type, 3)
    jobs: JobFilter = {"job_type": job_type}
    with Sql.connect(stack.db_url, row_factory=dict_row) as connection:
        connection.execute(
            "select from plan_generation_jobs where id = %s for no key update", [locked]
        )
        [step] = [step async for step in queue.bulk.change(change, jobs, priority=8)]
    assert step["skipped"] == 1
    assert step.total() == 3


async def test_a_request_in_the_way_is_waited_for_a_moment_only(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], stack: StackInfo, sql: Sql
) -> None:
    job_type = make_job_type(max_enqueues=100, enqueue_window_seconds=600)
    await enqueue(queue, person, job_type, 3)
    jobs: JobFilter = {"job_type": job_type}
    assert [step async for step in queue.bulk.change("cancel", jobs)] == [{"cancelled": 3}]
    with psycopg.connect(stack.db_url) as connection:
        connection.execute(  # which takes the lock of the limit
            "select public.enqueue_plan_job(%s, %s, '{}')", [person.id, job_type]
        )
        [step] = [
            step async for step in queue.bulk.change("retry", {**jobs, "status": ["cancelled"]})
        ]
        assert step == {"skipped": 3}
    [step] = [step async for step in queue.bulk.change("retry", {**jobs, "status": ["cancelled"]})]
    assert step == {"retried": 3}
    [row] = sql.execute(
        "select count(*) as jobs from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    assert row["jobs"] == 4


async def test_a_priority_has_bounds(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    [job_id] = await enqueue(queue, person, make_job_type(), 1)
    with pytest.raises(InvalidRequestError):
        await queue.bulk.prioritise(job_id, 11)
