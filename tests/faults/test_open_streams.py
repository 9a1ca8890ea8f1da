"""Servers crash while somebody follows a job: they come back, and so does the news of it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from psycopg.rows import dict_row
from tests.faults.entrance import entrance
from tests.faults.scene import add_user
from tests.faults.test_crashed_servers import (
    crash_a_backend,
    crash_postgres,
    impatient,
    kill_rest,
)
from tests.parts import Sql, make_settings
from tests.serving import eventually

from supajobs.api.watcher import JobWatcher
from supajobs.errors import SupabaseUnavailableError
from supajobs.jobs import JobStatus, Progress
from supajobs.local.stack import Stack, StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.answers import Beat
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue


@pytest.mark.parametrize("crash", [crash_postgres, crash_a_backend, kill_rest])
async def test_who_follows_a_job_hears_of_what_comes_after_the_crash(
    crash: Callable[[Stack, StackInfo, Counter[str]], Awaitable[None]],
    doomed: Stack,
    faults: Counter[str],
) -> None:
    info = doomed.up()
    job_type = f"type_{uuid4().hex[:12]}"
    with Sql.connect(info.db_url, autocommit=True, row_factory=dict_row) as sql:
        user_id = add_user(sql)
        sql.execute("insert into plan_job_types (job_type) values (%s)", [job_type])
    async with (
        entrance(doomed, info) as url,
        impatient(Database(make_settings(info, supabase_url=url), patience=20)) as database,
    ):
        queue = JobQueue(database)
        enqueued = await queue.enqueue(user_id=user_id, job_type=job_type, params={})
        [claimed] = await queue.claim(
            claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[job_type]
        )
        watcher = JobWatcher(queue)
        working = asyncio.create_task(watcher.work())
        states = watcher.follow(enqueued.job)
        assert (await anext(states)).status == JobStatus.PROCESSING

        coming = asyncio.ensure_future(anext(states))
        await crash(doomed, info, faults)
        progress = Progress(phase="base", percentage=50, message="")
        beat = Beat(job_id=claimed.id, claim_id=claimed.claim_id, progress=progress)

        async def arrives() -> bool:
            with contextlib.suppress(SupabaseUnavailableError):
                return bool(await queue.heartbeat([beat]))
            return False

        await eventually(arrives, within=30)
        assert (await asyncio.wait_for(coming, 30)).progress == progress
        await queue.complete([(claimed, Completed())])
        assert [state.status async for state in states] == [JobStatus.COMPLETED]
        working.cancel()
        await asyncio.wait({working})
