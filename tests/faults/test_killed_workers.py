"""Workers die by kill -9: wherever it hits them, somebody else finishes the job, once."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene
from tests.faults.worker import FOREVER, Work, Worker, handle
from tests.parts import make_processor
from tests.serving import eventually

from supajobs.job_types import JobType
from supajobs.local.stack import StackInfo

StartWorker = Callable[..., Worker]


@dataclass(frozen=True)
class Life:
    """A worker behind a proxy, and the one job that it is about to have."""

    scene: Scene
    proxy: LossyProxy
    start_worker: StartWorker

    async def begin(self, **params: Any) -> tuple[Worker, UUID]:
        [job_id] = await self.scene.enqueue(1, **params)
        return self.start_worker(self.scene.job_type, supabase_url=self.proxy.url), job_id

    async def kill(self, worker: Worker) -> None:
        """And loses the claim that it may be sending: else it takes the job again while it dies."""
        self.proxy.lose("claim_plan_jobs", Loss.REQUEST)
        worker.kill()
        await self.proxy.answered("claim_plan_jobs")


async def dies_when_its_claim_is_committed(life: Life) -> UUID:
    gate = life.proxy.hold_answer("claim_plan_jobs")
    worker, job_id = await life.begin()
    await gate.reached.wait()
    await life.kill(worker)
    gate.open()
    return job_id


async def dies_in_its_handler(life: Life) -> UUID:
    gate = life.proxy.hold_answer("heartbeat_plan_jobs")
    worker, job_id = await life.begin(says_so=True, seconds=FOREVER)
    await gate.reached.wait()
    await life.kill(worker)
    gate.open()
    return job_id


async def dies_before_its_settle_arrives(life: Life) -> UUID:
    gate = life.proxy.hold_request("complete_plan_jobs")
    worker, job_id = await life.begin()
    await gate.reached.wait()
    await life.kill(worker)
    gate.drop()
    return job_id


@contextlib.asynccontextmanager
async def settle_on_its_way(life: Life) -> AsyncGenerator[UUID]:
    """The worker has sent its settle and is dead; it arrives when the context ends."""
    gate = life.proxy.hold_request("complete_plan_jobs")
    arrived = life.proxy.hold_answer("complete_plan_jobs")
    worker, job_id = await life.begin()
    await gate.reached.wait()
    await life.kill(worker)
    yield job_id
    gate.open()
    await arrived.reached.wait()
    arrived.open()


async def dies_while_its_settle_is_on_the_way(life: Life) -> UUID:
    async with settle_on_its_way(life) as job_id:
        pass
    return job_id


async def dies_and_its_settle_arrives_after_the_sweep(life: Life) -> UUID:
    async with settle_on_its_way(life) as job_id:
        life.scene.sweep([job_id])
    return job_id


async def dies_and_its_settle_arrives_when_the_job_is_somebody_elses(life: Life) -> UUID:
    async with settle_on_its_way(life) as job_id:
        life.scene.sweep([job_id])
        await life.scene.claim(1)
    return job_id


async def dies_before_it_hears_of_its_settle(life: Life) -> UUID:
    gate = life.proxy.hold_answer("complete_plan_jobs")
    worker, job_id = await life.begin()
    await gate.reached.wait()
    await life.kill(worker)
    gate.open()
    return job_id


@pytest.mark.parametrize(
    ("dies", "crashes", "attempts"),
    [
        (dies_when_its_claim_is_committed, 1, ["crashed", "completed"]),
        (dies_in_its_handler, 1, ["crashed", "completed"]),
        (dies_before_its_settle_arrives, 1, ["crashed", "completed"]),
        (dies_while_its_settle_is_on_the_way, 0, ["completed"]),
        # Its work is paid for, and taken.
        (dies_and_its_settle_arrives_after_the_sweep, 1, ["completed"]),
        (
            dies_and_its_settle_arrives_when_the_job_is_somebody_elses,
            2,
            ["crashed", "crashed", "completed"],
        ),
        (dies_before_it_hears_of_its_settle, 0, ["completed"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_worker(
    dies: Callable[[Life], Awaitable[UUID]],
    crashes: int,
    attempts: list[str],
    make_scene: Callable[..., Scene],
    proxy: LossyProxy,
    start_worker: StartWorker,
    faults: Counter[str],
    rounds: int,
) -> None:
    for _ in range(5 * rounds):
        scene = make_scene()
        job_id = await dies(Life(scene, proxy, start_worker))
        faults["worker killed"] += 1
        scene.sweep([job_id])
        scene.sql.execute(
            "update plan_generation_jobs set params = '{}' where id = %s and status = 'pending'",
            [job_id],
        )
        await make_processor(scene.queue, JobType(scene.job_type, Work, handle)).drain()
        look = scene.look(job_id)
        assert look
        assert (look["status"], look["crash_count"], look["attempts"]) == (
            "completed",
            crashes,
            attempts,
        )
        assert len(look["plans"]) == 1


async def test_the_next_worker_takes_over_when_the_lease_has_run_out(
    make_scene: Callable[..., Scene], start_worker: StartWorker, faults: Counter[str]
) -> None:
    scene = make_scene(lease_seconds=1)
    job_ids = await scene.enqueue(4, seconds=FOREVER)
    first = start_worker(scene.job_type)
    await eventually(lambda: scene.count("processing") == 4)
    first.kill()
    faults["worker killed"] += 1
    scene.sql.execute(  # its leases are short, the next one's are not
        "update plan_generation_jobs set params = '{}', lease_seconds = 600 where job_type = %s",
        [scene.job_type],
    )
    start_worker(scene.job_type)
    await eventually(lambda: scene.count("completed") == 4)
    looks = [scene.look(job_id) for job_id in job_ids]
    assert all(look and look["crash_count"] == 1 for look in looks)


async def test_no_job_is_lost_or_done_twice_while_workers_die_all_the_time(
    make_scene: Callable[..., Scene],
    start_worker: StartWorker,
    faults: Counter[str],
    rounds: int,
) -> None:
    scene = make_scene(lease_seconds=1, max_crashes=100)
    jobs = 120 * rounds
    await scene.enqueue(jobs, seconds=0.1)
    fate = random.Random(0)  # noqa: S311 - the same victims each time
    workers = [start_worker(scene.job_type) for _ in range(3)]

    def has_got_on(since: int) -> bool:
        return scene.count("completed") >= min(since + 8, jobs)

    while (completed := scene.count("completed")) < jobs:
        await eventually(lambda since=completed: has_got_on(since))
        victim = fate.randrange(len(workers))
        workers[victim].kill()
        faults["worker killed"] += 1
        workers[victim] = start_worker(scene.job_type)
        scene.invariants.check()
    [row] = scene.sql.execute(
        "select sum(crash_count) as crashes from plan_generation_jobs where job_type = %s",
        [scene.job_type],
    ).fetchall()
    assert row["crashes"] > 0, "no kill hit a running job: the test tested nothing"


COMPUTING = """
import ctypes, os, pathlib, subprocess
from pydantic import BaseModel
from supajobs import Completed, SyncRunningJob, job_type

class NoParams(BaseModel):
    pass

@job_type(name="{name}", runs_in="process")
def compute(job: SyncRunningJob, params: NoParams) -> Completed:
    other = subprocess.Popen(["sleep", "600"])
    pathlib.Path("pids.new").write_text(f"{{os.getpid()}} {{other.pid}}")
    pathlib.Path("pids.new").rename("pids")
    {computes}
"""


@pytest.mark.parametrize(
    "computes",
    [
        "while True: sum(range(10_000))",
        pytest.param(
            "ctypes.PyDLL(None).sleep(600)",  # which lets no other thread run meanwhile
            marks=pytest.mark.skipif(sys.platform != "linux", reason="it has no kernel to ask"),
        ),
    ],
    ids=["in Python", "in C"],
)
async def test_the_process_of_a_job_ends_with_its_worker_and_all_that_it_has_started(
    scene: Scene, stack: StackInfo, tmp_path: Path, faults: Counter[str], computes: str
) -> None:
    module = COMPUTING.format(name=scene.job_type, computes=computes)
    (tmp_path / "computing.py").write_text(module)
    await scene.enqueue(1)
    worker = await asyncio.create_subprocess_exec(  # no fork of ours: those may have no children
        *(sys.executable, "-m", "supajobs", "work"),
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **stack.environment, "JOB_MODULES": "computing"},
    )
    try:
        await eventually((tmp_path / "pids").exists)
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        assert all(map(is_alive, pids))
    finally:
        worker.kill()
        faults["worker killed"] += 1
        await worker.wait()
    try:
        await eventually(lambda: not any(map(is_alive, pids)))
    finally:
        for pid in filter(is_alive, pids):
            os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
