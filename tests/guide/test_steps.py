from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from tests.parts import Person, Sql, enqueue, make_processor

from supajobs.queue.job_queue import JobQueue

pytestmark = pytest.mark.usefixtures("rows")


async def test_a_second_attempt_goes_on_where_the_first_one_stopped(
    load: Callable[[str], Any],
    queue: JobQueue,
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reports = load("reports")
    written = list[str]()
    write_outline, write_part = reports.write_outline, reports.write_part

    async def outline(job: Any, topic: str) -> Any:
        written.append("outline")
        return await write_outline(job, topic)

    async def part(heading: str) -> str:
        written.append(heading)
        if written.count("What it is not") == 1:
            raise TimeoutError
        return await write_part(heading)

    monkeypatch.setattr(reports, "write_outline", outline)
    monkeypatch.setattr(reports, "write_part", part)
    job_id = await enqueue(queue, person, "report", topic="it")
    assert await make_processor(queue, reports.report).drain() == {"retrying": 1, "completed": 1}
    assert written == ["outline", "What it is", "What it is not", "What it is not"]
    assert read_job(job_id)["result"] == {
        "parts": ["What it is: see above.", "What it is not: see above."]
    }
    assert not sql.execute("select from supajobs.steps").fetchall()
    costs = sql.execute("select cost_usd from plan_job_costs where job_id = %s", [job_id])
    assert [float(row["cost_usd"]) for row in costs] == [0.001]
