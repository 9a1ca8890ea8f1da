"""Many jobs in one call, against the real functions."""

from collections.abc import Callable
from uuid import UUID, uuid4

from tests.parts import Person, Sql

from supajobs.errors import UnknownJobTypeError, UserGoneError
from supajobs.queue.answers import Enqueued
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry, JobOptions


def entry(user_id: UUID, job_type: str, options: JobOptions | None = None) -> Entry:
    return Entry(user_id=user_id, job_type=job_type, params={}, options=options or {})


async def test_more_than_a_call_takes_are_several_calls(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    answers = await queue.enqueue_many([entry(person.id, job_type)] * 1001)
    ids = {answer.job.id for answer in answers if isinstance(answer, Enqueued)}
    assert len(ids) == 1001
    found = sql.execute(
        "select id from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    assert {row["id"] for row in found} == ids


async def test_an_entry_that_is_refused_is_an_error_in_its_place(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type()
    answers = await queue.enqueue_many(
        [
            entry(person.id, "unheard of"),
            entry(person.id, job_type),
            entry(uuid4(), job_type),
        ]
    )
    assert [type(answer) for answer in answers] == [UnknownJobTypeError, Enqueued, UserGoneError]
