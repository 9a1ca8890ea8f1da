"""What a pause costs those who are not paused: nothing."""

from collections.abc import Callable
from uuid import uuid4

from psycopg.rows import dict_row
from tests.parts import Person, Sql, enqueue

from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue


async def test_no_claim_waits_for_a_paused_type(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    sql: Sql,
    make_job_type: Callable[..., str],
) -> None:
    paused, other = make_job_type(), make_job_type()
    for name in (paused, other, other):
        await enqueue(queue, person, name)
    sql.execute("select pause_plan_jobs(%s)", [paused])
    sql.execute("set lock_timeout = '100 ms'")
    claim = "select claim_plan_jobs(gen_random_uuid(), 'test', 1, %s)::jsonb as jobs"
    with Sql.connect(stack.db_url, row_factory=dict_row) as slow:
        for connection in (slow, sql):
            [row] = connection.execute(claim, [[paused, other]]).fetchall()
            assert [job["job_type"] for job in row["jobs"]] == [other]
        slow.rollback()
    sql.execute("select resume_plan_jobs(%s)", [paused])
    [job] = await queue.claim(claim_id=uuid4(), worker_id="w", max_jobs=1, job_types=[paused])
    assert job.job_type == paused
