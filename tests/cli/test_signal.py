"""What operators tell jobs that wait, at the command line."""

from collections.abc import Callable
from uuid import uuid4

from tests.cli.conftest import Invoke
from tests.parts import Person, Sql, enqueue

from supajobs.queue.job_queue import JobQueue

PAYLOADS = "select name, payload from supajobs.signals where job_id = %s order by name"


async def test_the_first_of_a_name_counts_and_who_comes_later_is_told_it(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke, sql: Sql
) -> None:
    job_id = await enqueue(queue, person, make_job_type())
    first = await invoke("jobs", "signal", job_id, "approval", "--payload", '{"by": "Fox"}')
    assert (first.code, first.err) == (0, "")
    assert str(job_id) in first.out
    again = await invoke("jobs", "signal", job_id, "approval", "--json")
    assert again.document == {"outcome": "existing", "payload": {"by": "Fox"}}
    rows = sql.execute(PAYLOADS, [job_id]).fetchall()
    assert rows == [{"name": "approval", "payload": {"by": "Fox"}}]


async def test_a_job_that_has_ended_hears_nothing(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke, sql: Sql
) -> None:
    job_id = await enqueue(queue, person, make_job_type())
    await queue.cancel(job_id, person.id)
    ran = await invoke("jobs", "signal", job_id, "approval")
    assert (ran.code, ran.out) == (1, "")
    assert str(job_id) in ran.err
    assert not sql.execute(PAYLOADS, [job_id]).fetchall()


async def test_one_that_is_nobodys_is_told(invoke: Invoke) -> None:
    ran = await invoke("jobs", "signal", uuid4(), "approval")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err


async def test_a_payload_is_json(invoke: Invoke) -> None:
    ran = await invoke("jobs", "signal", uuid4(), "approval", "--payload", "yes")
    assert ran.code == 2
    assert "--payload" in ran.err
