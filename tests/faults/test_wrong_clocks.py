"""A client's clock is an hour wrong: when things happen is for the database to say."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from tests.faults.scene import Scene
from tests.parts import PROJECT
from tests.serving import eventually

from supajobs.local.stack import StackInfo

HOUR = 3600.0

_TIMES = """
    select
      job.trace_id as name, job.status, job.retry_count, job.crash_count,
      extract(epoch from job.completed_at) as completed_at,
      extract(epoch from job.lease_expires_at - job.updated_at) as lease,
      extract(epoch from attempts[1].started_at - job.created_at) as waited,
      extract(epoch from attempts[1].retry_at - attempts[1].ended_at) as told_to_wait,
      extract(epoch from attempts[2].started_at - attempts[1].retry_at) as retried_after,
      (select (plan ->> 'clock')::float from weekly_base_plans where job_id = job.id) as clock
    from plan_generation_jobs as job
    cross join lateral (
      select array_agg(attempt order by started_at) as attempts
      from plan_job_attempts as attempt
      where job_id = job.id
    ) as ended
    where job.job_type = %s
"""


@pytest.mark.parametrize("offset", [HOUR, -HOUR], ids=["fast", "slow"])
async def test_jobs_start_at_once_and_leases_and_retries_go_by_the_database(
    offset: float, make_scene: Callable[..., Scene], stack: StackInfo, faults: Counter[str]
) -> None:
    scene = make_scene(backoff_base_seconds=1, backoff_cap_seconds=1)

    def times() -> dict[str, dict[str, Any]]:
        rows = scene.sql.execute(_TIMES, [scene.job_type]).fetchall()
        return {row["name"]: row for row in rows}

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.clock"),
        *(str(offset), scene.job_type, str(scene.user_id)),
        cwd=PROJECT,
        env={**os.environ, **stack.environment, "WORKER_POLL_SECONDS": "0.1"},
    )
    faults["wrong clock"] += 1
    try:
        await eventually(lambda: scene.count("completed") == 3, within=30)
        jobs = times()
        # Who works by the right time takes nothing away from who does not.
        scene.sql.execute("update supajobs.sweeps set swept_at = '-infinity'")
        assert not await scene.queue.claim(
            claim_id=uuid4(), worker_id="test", max_jobs=10, job_types=[scene.job_type]
        )
    finally:
        process.kill()
        await process.wait()

    for name in ("at once", "told to wait", "backed off"):
        job = jobs[name]
        assert abs(job["clock"] - offset - float(job["completed_at"])) < 10, "the clock was right"
        assert 0 <= job["waited"] < 5
        assert job["crash_count"] == 0
    assert jobs["told to wait"]["told_to_wait"] == 1
    assert 0 <= jobs["backed off"]["told_to_wait"] <= 1
    for name in ("told to wait", "backed off"):
        assert jobs[name]["retry_count"] == 1
        assert 0 <= jobs[name]["retried_after"] < 5
    assert jobs["long"]["status"] == "processing"
    assert jobs["long"]["lease"] == 60
