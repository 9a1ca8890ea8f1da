"""Schedules that are all due at the same moment, and processors that die while they take them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import pytest
from tests.faults.scene import Scene
from tests.faults.worker import Worker
from tests.serving import eventually

WORKERS = 4


@pytest.mark.parametrize("overlap", ["skip", "queue"])
async def test_each_occurrence_is_one_job_while_workers_die_all_the_time(
    overlap: str,
    make_scene: Callable[..., Scene],
    start_worker: Callable[..., Worker],
    faults: Counter[str],
    rounds: int,
) -> None:
    """A worker dies each second, or sooner, where that is not long enough for anything else."""
    scene = make_scene(lease_seconds=1, max_crashes=100)
    schedules = 200 * rounds
    scene.sql.execute(
        """
        insert into plan_job_schedules (
            user_id, name, job_type, interval_seconds, starts_at, next_run_at, period_seconds,
            overlap
        )
        select %s, number::text, %s, 86400, due_at, due_at, 86400, %s
        from generate_series(1, %s) as number
        cross join (select now() + interval '3 seconds' as due_at) as due
        """,
        [scene.user_id, scene.job_type, overlap, schedules],
    )
    workers = [start_worker(scene.job_type) for _ in range(WORKERS)]
    fate = random.Random(0)  # noqa: S311 - the same victims each time

    def count_due() -> int:
        [row] = scene.sql.execute(
            "select count(*) as due from plan_job_schedules"
            " where job_type = %s and last_run_at is null",
            [scene.job_type],
        ).fetchall()
        return row["due"]

    await eventually(lambda: count_due() < schedules)
    while count_due() or scene.count("completed") < schedules:
        victim = fate.randrange(WORKERS)
        workers[victim].kill()
        faults["worker killed"] += 1
        workers[victim] = start_worker(scene.job_type)
        await asyncio.sleep(min(1, rounds / 5))
    [row] = scene.sql.execute(
        """
        select count(*) as jobs, count(distinct split_part(idempotency_key, ':', 2)) as schedules
        from plan_generation_jobs where job_type = %s
        """,
        [scene.job_type],
    ).fetchall()
    assert row == {"jobs": schedules, "schedules": schedules}
    scene.invariants.check()
