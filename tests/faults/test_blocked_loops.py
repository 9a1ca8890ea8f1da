"""A handler blocks the event loop of its process: no job that runs there loses its lease so."""

import asyncio
import linecache
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel
from tests.cli.running import supajobs
from tests.faults.scene import Scene
from tests.faults.worker import Worker
from tests.parts import CRON_SECRET, TLS, NoParams, make_processor
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.processor import Processor

StartWorker = Callable[..., Worker]

LEASE = 6  # s
BLOCKED = 2 * LEASE


BLOCKING = """
import pathlib, time
from pydantic import BaseModel
from supajobs import Completed, RunningJob, job_type

class NoParams(BaseModel):
    pass

@job_type(name="{name}")
async def block(job: RunningJob, params: NoParams) -> Completed:
    pathlib.Path("blocked").touch()
    while not pathlib.Path("goes_on").exists():
        time.sleep(0.05)
    return Completed()
"""


class Secret(BaseModel):
    """Params that are private."""

    token: str


async def test_no_job_of_the_process_is_lost(
    make_scene: Callable[..., Scene], start_worker: StartWorker, faults: Counter[str]
) -> None:
    scene = make_scene(lease_seconds=LEASE)
    job_ids = [
        *await scene.enqueue(1, blocks=BLOCKED),
        *await scene.enqueue(3, seconds=LEASE / 2),
    ]
    start_worker(scene.job_type)
    await eventually(lambda: scene.count("processing") == len(job_ids))
    faults["event loop blocked"] += 1
    start_worker(scene.job_type)  # which would take whatever is lost
    await eventually(lambda: scene.count("completed") == len(job_ids))
    looks = [scene.look(job_id) for job_id in job_ids]
    assert [look["attempts"] for look in looks if look] == [["completed"]] * len(job_ids)
    assert {look["crash_count"] for look in looks if look} == {0}


async def test_max_runtime_still_ends_a_job(
    make_scene: Callable[..., Scene], start_worker: StartWorker, faults: Counter[str]
) -> None:
    scene = make_scene(lease_seconds=2, max_runtime_seconds=2, max_crashes=1)
    [job_id] = await scene.enqueue(1, blocks=30)
    start_worker(scene.job_type)
    await eventually(lambda: scene.count("processing"))
    faults["event loop blocked"] += 1
    start_worker(scene.job_type)  # which takes it back, with its last crash, while it still blocks
    await eventually(lambda: scene.count("failed"))
    look = scene.look(job_id)
    assert look
    assert look["error"]["code"] == "worker_lost"


async def test_a_stop_is_heard_when_the_loop_turns_again(
    make_scene: Callable[..., Scene], start_worker: StartWorker, faults: Counter[str]
) -> None:
    scene = make_scene(lease_seconds=2)
    [job_id] = await scene.enqueue(1, blocks=4)
    worker = start_worker(scene.job_type)
    await eventually(lambda: scene.count("processing"))
    worker.terminate()
    faults["event loop blocked"] += 1
    assert await worker.ended() == 0
    look = scene.look(job_id)
    assert look
    assert look["attempts"] == ["completed"]


def find_block(logs: Sequence[Mapping[str, Any]], job_id: UUID) -> list[Mapping[str, Any]]:
    """What the log says of the block by this job, and of its end; nothing as long as it lasts.

    A machine that stands still for a second is a block, too, but nobody's.
    """
    told = [each for each in logs if each["event"].startswith("event_loop_")]
    of_job = (at for at, each in enumerate(told) if each.get("job_id") == str(job_id))
    lines = told[at : at + 2] if (at := next(of_job, None)) is not None else []
    return lines if len(lines) == 2 else []


async def test_the_log_says_who_blocks_it_and_for_how_long(
    scene: Scene, queue: JobQueue, faults: Counter[str]
) -> None:
    [job_id] = await scene.enqueue(1, token="what nobody should read")
    metrics = Metrics()

    async def handle(_job: RunningJob, params: Secret) -> Completed:
        time.sleep(2.5 if params.token else 0)  # noqa: ASYNC251 - which is the fault
        return Completed()

    processor = Processor(
        queue,
        {scene.job_type: JobType(scene.job_type, Secret, handle)},
        concurrency=1,
        grace_seconds=0.5,
        metrics=metrics,
    )
    faults["event loop blocked"] += 1
    with structlog.testing.capture_logs() as logs:
        assert await processor.drain() == {"completed": 1}
        blocked, recovered = await eventually(lambda: find_block(logs, job_id))
    assert blocked["job_type"] == scene.job_type
    assert "in handle\n" in blocked["stack"]
    assert "time.sleep(2.5 if params.token else 0)" in blocked["stack"]
    file, line = blocked["at"].rsplit(":", 1)
    assert "time.sleep(2.5" in linecache.getline(file, int(line))
    assert "what nobody should read" not in str(blocked)
    assert recovered["seconds"] >= 1.5
    name = "supajobs_event_loop_blocks_total"
    assert metrics.registry.get_sample_value(name, {"job_type": scene.job_type}) == 1


async def test_a_loop_that_turns_is_not_reported(scene: Scene, queue: JobQueue) -> None:
    await scene.enqueue(1)

    async def handle(_job: RunningJob, _params: Any) -> Completed:
        await eventually(lambda: time.monotonic() > until)
        return Completed()

    longest = 0.0  # s; for which it did not turn after all, as the machine stood still

    async def turn() -> None:
        nonlocal longest
        while True:
            turned = time.monotonic()
            await asyncio.sleep(0.02)
            longest = max(longest, time.monotonic() - turned)

    until = time.monotonic() + 2.5
    processor = make_processor(queue, JobType(scene.job_type, NoParams, handle))
    turning = asyncio.create_task(turn())
    with structlog.testing.capture_logs() as logs:
        assert await processor.drain() == {"completed": 1}
    turning.cancel()
    reported = [each for each in logs if each["event"].startswith("event_loop")]
    assert not reported or longest > 0.9


async def is_well(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/health")).is_success
    except httpx.TransportError:  # it is not up yet
        return False


async def test_requests_are_answered_while_a_handler_blocks(
    stack: StackInfo,
    make_scene: Callable[..., Scene],
    tmp_path: Path,
    faults: Counter[str],
) -> None:
    scene = make_scene(lease_seconds=2)
    (tmp_path / "blocking.py").write_text(BLOCKING.format(name=scene.job_type))
    environment = {
        **stack.environment,
        "JOB_MODULES": "blocking",
        "PORT": str(port := free_port()),
        "CRON_SECRET": CRON_SECRET,
    }
    blocked = 3 * 2  # s; leases
    waits = list[float]()
    async with (
        supajobs("api", env=environment, cwd=tmp_path),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=TLS, timeout=blocked) as http,
    ):
        await eventually(partial(is_well, http))
        [job_id] = await scene.enqueue(1)
        await http.post("/v1/queue/process", headers={"Authorization": f"Bearer {CRON_SECRET}"})
        await eventually((tmp_path / "blocked").exists)
        faults["event loop blocked"] += 1
        until = time.monotonic() + blocked
        while (asked := time.monotonic()) < until:
            assert await is_well(http)
            waits.append(time.monotonic() - asked)
        (tmp_path / "goes_on").touch()
        await eventually(lambda: scene.count("completed"))
    look = scene.look(job_id)
    assert look
    assert (look["attempts"], look["crash_count"]) == (["completed"], 0)
    assert len(waits) > blocked, "it blocked everybody"
    assert max(waits) < blocked / 2, "it blocked somebody"
