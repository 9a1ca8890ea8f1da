"""A job that asks for one more of its own dedupe key."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import BaseModel
from tests.parts import Person, Sql, make_processor

from supajobs.errors import InvalidRequestError
from supajobs.job_types import JobType, RunningJob, job_type
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue


class Work(BaseModel):
    """What comes next: nothing, or one of this type."""

    next: str = ""


@job_type
async def begin_again(_job: RunningJob, work: Work) -> Completed:
    """Once more of its own type."""
    return Completed(then=[{"job_type": work.next, "params": {}}] if work.next else [])


@job_type
async def ask_for_another(job: RunningJob, work: Work) -> Completed:
    """The same in the middle, where it cannot be."""
    with pytest.raises(InvalidRequestError, match="of its dedupe key"):
        await job.enqueue("another", {"job_type": work.next, "params": {}})
    return Completed(result="alone")


def named(name: str, handler: JobType[Any]) -> JobType[Any]:
    return JobType(name, Work, handler.handle)


def read_results(sql: Sql, job_type: str) -> Sequence[Any]:
    rows = sql.execute(
        "select result from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    return [row["result"] for row in rows]


async def test_a_job_of_its_own_dedupe_key_follows(
    queue: JobQueue, sql: Sql, person: Person, make_job_type: Callable[..., str]
) -> None:
    own = make_job_type(dedupe_by="user")
    await queue.enqueue(user_id=person.id, job_type=own, params={"next": own})
    assert await make_processor(queue, named(own, begin_again)).drain() == {"completed": 2}
    assert len(read_results(sql, own)) == 2


async def test_a_job_cannot_be_the_one_that_it_asks_for(
    queue: JobQueue, sql: Sql, person: Person, make_job_type: Callable[..., str]
) -> None:
    own = make_job_type(dedupe_by="user")
    await queue.enqueue(user_id=person.id, job_type=own, params={"next": own})
    assert await make_processor(queue, named(own, ask_for_another)).drain() == {"completed": 1}
    assert read_results(sql, own) == ["alone"]
