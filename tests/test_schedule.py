"""The cron path: pg_cron → pg_net → the processor's endpoint → a finished job."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx
from tests.parts import CRON_SECRET, Person, Sql
from tests.serving import eventually

from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue


async def test_the_schedule_starts_a_job_that_nobody_else_starts(
    stack: StackInfo,
    api: httpx.AsyncClient,
    queue: JobQueue,
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    enqueued = await queue.enqueue(
        user_id=person.id,
        job_type="training_plan",
        params={"athlete_profile": {"ftp": 200, "weight_kg": 60, "age": 50}},
    )
    schedule_processing(
        stack.db_url,
        process_url=f"{api.base_url}/v1/queue/process",
        cron_secret=CRON_SECRET,
        schedule="1 second",
    )
    try:
        await eventually(lambda: read_job(enqueued.job.id)["status"] == "completed")
        answers = await eventually(
            lambda: sql.execute("select status_code from net._http_response").fetchall()
        )
        assert {answer["status_code"] for answer in answers} == {202}
    finally:
        sql.execute("select cron.unschedule(jobname) from cron.job")
        await asyncio.sleep(1.5)  # the last tick finds the server it was meant for
    commands = sql.execute("select command from cron.job_run_details").fetchall()
    assert commands
    assert not any(CRON_SECRET in row["command"] for row in commands)
