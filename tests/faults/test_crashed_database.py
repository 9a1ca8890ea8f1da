import asyncio
import os
import signal
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg.rows import dict_row
from tests.parts import PROJECT, NoParams, Sql, make_processor, make_settings

from supajobs.database import Database
from supajobs.jobs import JobType, RunningJob
from supajobs.local.stack import Stack, StackInfo
from supajobs.outcomes import Completed
from supajobs.queue import JobQueue


@pytest.fixture
def doomed(tmp_path: Path) -> Generator[Stack]:
    stack = Stack(tmp_path / "stack", project=PROJECT)
    yield stack
    stack.down(purge=True)


def crash_postgres(info: StackInfo) -> None:
    """What `pg_ctl stop -m immediate` does: no checkpoint, recovery at the next start."""
    os.kill(info.pids["postgres"], signal.SIGQUIT)


async def test_jobs_outlive_a_crash_of_the_database(doomed: Stack) -> None:
    info = doomed.up()
    with Sql.connect(info.db_url, autocommit=True, row_factory=dict_row) as sql:
        user_id = uuid4()
        sql.execute("insert into auth.users (id) values (%s)", [user_id])
        sql.execute("insert into plan_job_types (job_type) values ('slow')")
        sql.execute(
            "select enqueue_plan_job(%s, 'slow', '{}') from generate_series(1, 20)", [user_id]
        )
    started = asyncio.Event()

    async def write(job: RunningJob, params: NoParams) -> Completed:
        started.set()
        await asyncio.sleep(0.2)
        return Completed(plan={})

    database = Database(make_settings(info))
    queue = JobQueue(database, patience=30)
    processor = make_processor(queue, JobType("slow", NoParams, write), concurrency=4)
    draining = asyncio.create_task(processor.drain())
    await started.wait()
    crash_postgres(info)
    await asyncio.sleep(0.5)
    healed = await asyncio.to_thread(doomed.up)
    assert healed.api_url == info.api_url
    # Claims and settles in flight met the crash; the processor insisted.
    settled = await draining
    assert settled == {"completed": 20}
    await database.close()
    with Sql.connect(healed.db_url, row_factory=dict_row) as sql:
        [row] = sql.execute(
            "select count(*) as plans, count(distinct job_id) as jobs from weekly_base_plans"
        ).fetchall()
    assert row == {"plans": 20, "jobs": 20}
