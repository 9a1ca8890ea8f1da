from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest
from tests.parts import Person, Sql, enqueue, make_processor, make_settings

from supajobs import Supajobs
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

pytestmark = pytest.mark.usefixtures("rows")


async def test_a_post_goes_out_when_it_is_approved(
    load: Callable[[str], Any],
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    posts, approving = load("posts"), load("approving")
    job_id = await enqueue(queue, person, "post", topic="Rain")
    processor = make_processor(queue, posts.post)
    assert await processor.drain() == {"suspended": 1}
    assert read_job(job_id)["waiting_for"] == "cool down"
    sql.execute("update supajobs.waits set until = now() where job_id = %s", [job_id])
    sql.execute("update plan_generation_jobs set run_at = now() where id = %s", [job_id])
    assert await processor.drain() == {"suspended": 1}
    async with Supajobs(make_settings(stack, api_runs_jobs=False), job_types=[posts.post]) as jobs:
        assert await approving.approve(jobs, job_id, person.id)
        assert not await approving.approve(jobs, job_id, person.id)
        assert await processor.drain() == {"completed": 1}
    assert read_job(job_id)["result"] == {
        "published": "All about Rain",
        "approval": {"by": "Ada"},
    }
