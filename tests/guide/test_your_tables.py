from collections.abc import Callable, Generator, Mapping
from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row
from tests.parts import Person, Sql, enqueue, make_processor
from tests.shown import GUIDE, find_shown

from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue
from supajobs.testing import run_inline


@pytest.fixture(scope="module", autouse=True)
def app(stack: StackInfo) -> Generator[None]:
    with Sql.connect(stack.db_url, autocommit=True, row_factory=dict_row) as sql:
        for statement in find_shown(GUIDE / "your_tables.md", "sql"):
            sql.execute(statement.encode())
        yield
        sql.execute("drop schema app cascade")


async def test_a_tale_is_on_its_users_shelf(
    load: Callable[[str], Any],
    queue: JobQueue,
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    tales = load("tales")
    job_id = await enqueue(queue, person, "tale", hero="Fox")
    assert await make_processor(queue, tales.tale).drain() == {"completed": 1}
    [row] = sql.execute("select * from app.tales").fetchall()
    assert (str(row["user_id"]), row["title"]) == (str(person.id), "Fox")
    assert read_job(job_id)["result"] == {"words": 7, "tale_id": 1}


async def test_what_does_not_fit_fails_the_job(
    load: Callable[[str], Any],
    queue: JobQueue,
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    tales = load("tales")
    job_id = await enqueue(queue, person, "tale", hero="")
    assert await make_processor(queue, tales.tale).drain() == {"failed": 1}
    assert read_job(job_id)["error"]["code"] == "store_failed"
    assert not sql.execute("select from app.tales where title = ''").fetchall()


async def test_a_test_sees_what_is_to_be_stored(load: Callable[[str], Any]) -> None:
    tales = load("tales")
    run = await run_inline(tales.tale, tales.TaleRequest(hero="Fox"))
    assert run.store == {"title": "Fox", "text": "Once upon a time there was Fox."}
