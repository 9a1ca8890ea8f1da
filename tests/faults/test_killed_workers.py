import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

from tests.parts import PROJECT, Person, Sql
from tests.serving import eventually

from supajobs.local.stack import StackInfo
from supajobs.queue import JobQueue


async def start_worker(stack: StackInfo, job_type: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.worker",
        job_type,
        cwd=PROJECT,
        env={**os.environ, **stack.environment, "WORKER_CONCURRENCY": "4"},
        stderr=asyncio.subprocess.DEVNULL,
    )


async def kill(worker: asyncio.subprocess.Process) -> None:
    if worker.returncode is None:
        worker.send_signal(signal.SIGKILL)
    await worker.wait()


async def test_a_job_survives_the_kill_of_its_worker(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    job_type = make_job_type(lease_seconds=1)
    async with AsyncExitStack() as workers:
        first = await start_worker(stack, job_type)
        workers.push_async_callback(kill, first)
        job_ids = [
            (await queue.enqueue(user_id=person.id, job_type=job_type, params={})).job.id
            for _ in range(4)
        ]

        def one_is_running() -> bool:
            return any(read_job(job_id)["status"] == "processing" for job_id in job_ids)

        await eventually(one_is_running)
        await kill(first)
        assert first.returncode == -signal.SIGKILL
        workers.push_async_callback(kill, await start_worker(stack, job_type))
        await eventually(
            lambda: all(read_job(job_id)["status"] == "completed" for job_id in job_ids)
        )
        assert any(read_job(job_id)["crash_count"] == 1 for job_id in job_ids)


async def test_no_job_is_lost_or_done_twice_while_a_worker_dies_every_second(
    stack: StackInfo, person: Person, make_job_type: Callable[..., str], sql: Sql
) -> None:
    job_type = make_job_type(lease_seconds=1, max_crashes=100)
    sql.execute(
        "select enqueue_plan_job(%s, %s, '{}') from generate_series(1, 300)",
        [person.id, job_type],
    )

    def count(status: str) -> int:
        row = sql.execute(
            "select count(*) as jobs from plan_generation_jobs where job_type = %s and status = %s",
            [job_type, status],
        ).fetchone()
        return row["jobs"] if row else 0

    workers = [await start_worker(stack, job_type) for _ in range(3)]
    try:
        async with asyncio.timeout(90):
            while count("completed") < 300:
                await asyncio.sleep(1)
                victim = random.randrange(len(workers))  # noqa: S311 - any of them
                await kill(workers[victim])
                workers[victim] = await start_worker(stack, job_type)
    finally:
        for worker in workers:
            await kill(worker)

    [row] = sql.execute(
        "select count(*) as jobs, sum(crash_count) as crashes, "
        "(select count(*) from weekly_base_plans where user_id = %(user)s) as plans, "
        "(select count(*) from plan_job_attempts "
        " where job_type = %(type)s and outcome = 'completed') as completions "
        "from plan_generation_jobs where job_type = %(type)s and status = 'completed'",
        {"user": person.id, "type": job_type},
    ).fetchall()
    assert (row["jobs"], row["plans"], row["completions"]) == (300, 300, 300)
    assert row["crashes"] > 0, "no kill hit a running job: the test tested nothing"
