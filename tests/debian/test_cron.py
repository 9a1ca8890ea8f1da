"""The real pg_cron fires the processor: a tick, a request, a finished job."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.parts import CRON_SECRET, PROJECT, Person, Sql
from tests.programs import running
from tests.serving import eventually

from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

# pg_cron takes seconds from 1.5 on, and Debian has 1.4: a tick comes with the next full minute.
EVERY_MINUTE = "* * * * *"
TICK = 70.0  # s; from one to the next, and what a busy machine adds


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("deliveries")
async def test_a_tick_starts_a_job_that_nobody_else_starts(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
    tmp_path: Path,
) -> None:
    environment = {"CRON_SECRET": CRON_SECRET, "API_RUNS_JOBS": "false"}
    async with running("api", stack, tmp_path, **environment) as address:
        enqueued = await queue.enqueue(
            user_id=person.id,
            job_type="training_plan",
            params={"athlete_profile": {"ftp": 200, "weight_kg": 60, "age": 50}},
        )
        schedule_processing(
            stack.db_url,
            process_url=f"{address}/v1/queue/process",
            cron_secret=CRON_SECRET,
            schedule=EVERY_MINUTE,
        )
        try:
            await eventually(
                lambda: read_job(enqueued.job.id)["status"] == "completed", within=TICK
            )
            processing, cleanup = await eventually(lambda: find_runs(sql))
        finally:
            sql.execute("select cron.unschedule(jobid) from cron.job")
    assert processing["last_run_status"] == cleanup["last_run_status"] == "succeeded"
    assert processing["last_answer_status"] == 202
    assert processing["is_alive"]
    assert cleanup["is_alive"]


def find_runs(sql: Sql) -> list[dict[str, Any]] | None:
    """Both schedules as they are described, once both have run and the processor has answered."""
    row = sql.execute("select describe_plan_triggers() -> 'schedules' as found").fetchone()
    assert row
    found = sorted(row["found"], key=lambda schedule: schedule["name"], reverse=True)
    has_run = all(schedule["last_run_status"] == "succeeded" for schedule in found)
    return found if has_run and found[0]["last_answer_at"] else None


def test_the_removal_unschedules(stack: StackInfo, sql: Sql) -> None:
    removal = (PROJECT / "supabase" / "remove_supajobs.sql").read_text()
    with sql.transaction(force_rollback=True):
        sql.execute("select schedule_plan_job_processing(%s)", [EVERY_MINUTE])
        assert sql.execute("select from cron.job").rowcount == 2
        sql.execute(removal.replace("begin;", "").replace("commit;", "").encode())
        assert sql.execute("select from cron.job").rowcount == 0
