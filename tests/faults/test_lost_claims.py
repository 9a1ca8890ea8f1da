"""A claim took jobs and nobody heard of it: whoever made it gets them by asking again."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene
from tests.parts import NoParams, make_processor
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue


class Starts:
    """A handler that counts."""

    def __init__(self) -> None:
        self.count = 0

    async def handle(self, _job: RunningJob, _params: Any) -> Completed:
        self.count += 1
        return Completed()


async def test_the_jobs_of_a_lost_answer_run_once_and_at_once(
    scene: Scene,
    lossy_queue: JobQueue,
    proxy: LossyProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.queue.job_queue.CLAIM_PATIENCE", 0.3)
    starts = Starts()
    job_ids = await scene.enqueue(3)
    proxy.lose("claim_plan_jobs", *[Loss.ANSWER] * 6)  # which is longer than its patience
    processor = make_processor(lossy_queue, JobType(scene.job_type, NoParams, starts.handle))
    processor.wake()
    working = asyncio.create_task(processor.work(poll_seconds=None))
    await eventually(lambda: scene.count("completed") == 3, within=20)
    processor.stop()
    await working
    looks = [scene.look(job_id) for job_id in job_ids]
    assert [look["attempts"] for look in looks if look] == [["completed"]] * 3
    assert starts.count == 3


async def test_a_claim_whose_drain_was_cancelled_is_made_again_by_the_next(
    scene: Scene, lossy_queue: JobQueue, proxy: LossyProxy
) -> None:
    starts = Starts()
    await scene.enqueue(2)
    gate = proxy.hold_answer("claim_plan_jobs")
    processor = make_processor(lossy_queue, JobType(scene.job_type, NoParams, starts.handle))
    draining = asyncio.create_task(processor.drain())
    await gate.reached.wait()
    draining.cancel()
    gate.drop()
    with pytest.raises(asyncio.CancelledError):
        await draining
    await processor.drain()
    assert scene.count("completed") == 2


async def test_lost_answers_are_no_crashes(
    make_scene: Callable[..., Scene],
    lossy_queue: JobQueue,
    queue: JobQueue,
    proxy: LossyProxy,
) -> None:
    scene = make_scene(lease_seconds=60, max_crashes=1)
    starts = Starts()
    [job_id] = await scene.enqueue(1)
    proxy.lose("claim_plan_jobs", *[Loss.ANSWER] * 10)
    processor = make_processor(lossy_queue, JobType(scene.job_type, NoParams, starts.handle))
    processor.wake()
    working = asyncio.create_task(processor.work(poll_seconds=None))
    lost = 0
    while lost < 10:
        await eventually(lambda since=lost: proxy.lost["claim_plan_jobs"] > since)
        await proxy.answered("claim_plan_jobs")
        lost = proxy.lost["claim_plan_jobs"]
        scene.sql.execute(  # as if most of the lease were over: another time would be all of it
            "update plan_generation_jobs set lease_expires_at = lease_expires_at - interval '40 s' "
            "where id = %s",
            [job_id],
        )
        scene.sweep_what_expired()
    await eventually(lambda: scene.count("completed") == 1, within=20)
    processor.stop()
    await working
    look = scene.look(job_id)
    assert look
    assert (look["crash_count"], starts.count) == (0, 1)
