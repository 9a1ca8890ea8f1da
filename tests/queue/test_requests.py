"""Many jobs in one call, against the real functions."""

import contextlib
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from pydantic import JsonValue, SecretStr
from tests.parts import Person, Sql

from supajobs.errors import (
    IdempotencyConflictError,
    InvalidRequestError,
    MonthlyCostReachedError,
    ProviderKeysNotOfferedError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.queue.answers import Enqueued
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry, JobOptions
from supajobs.telemetry.metrics import Metrics


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


async def test_what_an_earlier_call_has_requested_is_told_though_a_later_one_is_refused(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    twice = [Entry(user_id=person.id, job_type=job_type, params={}, options={}, ref="one")] * 2
    entries = [entry(person.id, job_type)] * 1998
    answers = await queue.enqueue_many([*entries[:1000], *twice, *entries[1000:], entries[0]])
    assert [type(answer) for answer in answers] == [
        *[Enqueued] * 1000,
        *[InvalidRequestError] * 1000,
        Enqueued,
    ]
    count = "select count(*) from plan_generation_jobs where job_type = %s"
    assert sql.execute(count, [job_type]).fetchall() == [{"count": 1001}]


async def test_a_key_that_cannot_be_encrypted_is_found_before_anything_is_requested(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type()
    with_key = entry(person.id, job_type, {"provider_key": SecretStr("sk-1")})
    with pytest.raises(ProviderKeysNotOfferedError):
        await queue.enqueue_many([*[entry(person.id, job_type)] * 1000, with_key])
    count = "select count(*) from plan_generation_jobs where job_type = %s"
    assert sql.execute(count, [job_type]).fetchall() == [{"count": 0}]


async def test_outcomes_are_counted_by_the_same_words_alone_and_among_others(
    database: Database, person: Person, make_job_type: Callable[..., str]
) -> None:
    metrics = Metrics()
    queue = JobQueue(database, metrics)
    plain, costly = make_job_type(), make_job_type(max_cost_per_user_month=0)

    async def request(job_type: str, n: int) -> None:
        params = dict[str, JsonValue](n=n)
        key: JobOptions = {"idempotency_key": job_type}
        with contextlib.suppress(IdempotencyConflictError, MonthlyCostReachedError):
            await queue.enqueue(user_id=person.id, job_type=job_type, params=params, **key)
        await queue.enqueue_many(
            [Entry(user_id=person.id, job_type=job_type, params=params, options=key)]
        )

    await request(plain, 1)
    await request(plain, 2)
    await request(costly, 1)
    counted = {
        (sample.labels["job_type"], sample.labels["outcome"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "supajobs_jobs_enqueued_total"
    }
    assert counted == {
        (plain, "created"): 1,
        (plain, "existing"): 1,
        (plain, "conflict"): 2,
        (costly, "cost_limited"): 2,
    }
