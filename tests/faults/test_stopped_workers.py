"""Workers are told to stop, as at each deployment: what ends in time ends, the rest goes back."""

import asyncio
from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene
from tests.faults.worker import FOREVER, Worker
from tests.serving import eventually

StartWorker = Callable[..., Worker]


def assert_is_unburned(scene: Scene, job_id: UUID) -> None:
    look = scene.look(job_id)
    assert look
    assert (look["status"], look["retry_count"], look["crash_count"]) == ("pending", 0, 0)
    assert look["attempts"] == ["released"]


@pytest.mark.parametrize("losses", [(), (Loss.ANSWER,), (Loss.REQUEST, Loss.HALF)])
async def test_within_the_grace_jobs_end_and_after_it_they_go_back(
    losses: tuple[Loss, ...],
    make_scene: Callable[..., Scene],
    start_worker: StartWorker,
    proxy: LossyProxy,
    faults: Counter[str],
    rounds: int,
) -> None:
    for _ in range(2 * rounds):
        scene = make_scene()
        short = await scene.enqueue(2, seconds=0.3)
        long = await scene.enqueue(2, seconds=FOREVER)
        worker = start_worker(scene.job_type, supabase_url=proxy.url, worker_grace_seconds=0.6)
        await eventually(lambda scene=scene: not scene.count("pending"))
        proxy.lose("complete_plan_jobs", *losses)
        proxy.lose("release_plan_jobs", *losses)
        worker.terminate()
        faults["worker told to stop"] += 1
        assert await worker.ended() == 0
        for job_id in long:
            assert_is_unburned(scene, job_id)
        for job_id in short:
            look = scene.look(job_id)
            assert look
            assert (look["status"], look["attempts"]) == ("completed", ["completed"])


async def test_a_job_whose_claim_is_not_yet_answered_goes_back_too(
    make_scene: Callable[..., Scene],
    start_worker: StartWorker,
    proxy: LossyProxy,
    faults: Counter[str],
    rounds: int,
) -> None:
    for _ in range(2 * rounds):
        scene = make_scene()
        [job_id] = await scene.enqueue(1, seconds=FOREVER)
        gate = proxy.hold_answer("claim_plan_jobs")
        worker = start_worker(scene.job_type, supabase_url=proxy.url, worker_grace_seconds=0.1)
        await gate.reached.wait()
        worker.terminate()
        faults["worker told to stop"] += 1
        await asyncio.sleep(0.1)  # nothing tells that the signal has arrived
        gate.open()
        assert await worker.ended() == 0
        assert_is_unburned(scene, job_id)


async def test_a_settle_under_way_is_waited_for(
    scene: Scene, start_worker: StartWorker, proxy: LossyProxy, faults: Counter[str]
) -> None:
    [job_id] = await scene.enqueue(1)
    gate = proxy.hold_request("complete_plan_jobs")
    worker = start_worker(scene.job_type, supabase_url=proxy.url, worker_grace_seconds=0)
    await gate.reached.wait()
    worker.terminate()
    faults["worker told to stop"] += 1
    await asyncio.sleep(0.1)  # nothing tells that the signal has arrived
    gate.drop()
    assert await worker.ended() == 0
    look = scene.look(job_id)
    assert look
    assert (look["status"], look["attempts"]) == ("completed", ["completed"])
