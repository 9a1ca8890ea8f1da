"""One entry of a batch is what no batch can carry: it fails alone, and the others go on."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.faults.scene import Scene
from tests.parts import NoParams, make_processor

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, Failed, JobError, Usage
from supajobs.queue.answers import Beat
from supajobs.queue.batches import send_batch
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.settler import Settler

GOOD = 24


def unserialisable_result() -> Completed:
    return Completed(result={"m": object()})  # as a numpy.int64


def unserialisable_plan() -> Completed:
    return Completed(plan={"m": b"\xff"})  # pyright: ignore[reportArgumentType]


def impossible_usage() -> Completed:
    return Completed(usage=Usage.model_construct(model="a\0b"))


def impossible_error() -> Failed:
    error = JobError.model_construct(code="x", message="x", detail={"m": object()})
    return Failed(error, retryable=False)


@pytest.mark.parametrize(
    "poison",
    [unserialisable_result, unserialisable_plan, impossible_usage, impossible_error],
    ids=lambda poison: poison.__name__,
)
async def test_who_ends_together_with_poison_completes(
    scene: Scene, poison: Callable[[], Any]
) -> None:
    together = asyncio.Barrier(GOOD + 1)
    job_ids = await scene.enqueue(GOOD + 1)

    async def handle(job: RunningJob, params: Any) -> Any:
        await together.wait()
        return poison() if job.claimed.id == job_ids[4] else Completed(result=1)

    job_type = JobType(scene.job_type, NoParams, handle)
    settled = await make_processor(scene.queue, job_type, concurrency=GOOD + 1).drain()
    assert settled == {"completed": GOOD, "failed": 1}
    looks = [scene.look(job_id) for job_id in job_ids]
    assert [len(look["attempts"]) for look in looks if look] == [1] * (GOOD + 1)


async def test_a_key_that_cannot_be_stored_is_named_and_its_neighbours_complete(
    scene: Scene,
) -> None:
    together = asyncio.Barrier(5)
    job_ids = await scene.enqueue(5)

    async def handle(job: RunningJob, params: Any) -> Completed:
        await together.wait()
        good = {"id": job.id, "at": job.claimed.created_at, "job": job.claimed}
        return Completed(result={"bad": object()} if job.id == job_ids[2] else good)

    job_type = JobType(scene.job_type, NoParams, handle)
    settled = await make_processor(scene.queue, job_type, concurrency=5).drain()
    assert settled == {"completed": 4, "failed": 1}
    bad, good = scene.look(job_ids[2]), scene.look(job_ids[3])
    assert bad
    assert good
    assert bad["error"]["detail"]["where"] == "result.bad"
    assert (good["result"]["id"], good["result"]["job"]["id"]) == (str(job_ids[3]),) * 2


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"], ids=ascii)
async def test_progress_that_cannot_be_stored_costs_nobody_the_lease(
    make_scene: Callable[..., Scene], text: str
) -> None:
    scene = make_scene(lease_seconds=3)
    ends = asyncio.Event()

    async def handle(job: RunningJob, params: Any) -> Completed:
        while not ends.is_set():
            job.report(Progress(phase="x", percentage=1, message=text))
            await asyncio.sleep(0.1)
        return Completed()

    job_ids = await scene.enqueue(GOOD)
    job_type = JobType(scene.job_type, NoParams, handle)
    processor = make_processor(scene.queue, job_type, concurrency=GOOD)
    draining = asyncio.create_task(processor.drain())
    await asyncio.sleep(7)
    scene.sweep_what_expired()
    look = scene.look(job_ids[0])
    assert look
    assert look["progress"] == {"phase": "x", "percentage": 1, "message": "a\ufffdb"}
    ends.set()
    assert await draining == {"completed": GOOD}
    assert {look["crash_count"] for job_id in job_ids if (look := scene.look(job_id))} == {0}


async def test_a_beat_whose_progress_is_refused_costs_nobody_the_lease(scene: Scene) -> None:
    jobs = await scene.start(3)
    progress = Progress.model_construct(phase="x", percentage=1, message="a\0b")
    beats = [
        Beat(job_id=job.id, claim_id=job.claim_id, progress=progress if number == 1 else None)
        for number, job in enumerate(jobs)
    ]
    answers = await send_batch(scene.queue.heartbeat, beats)
    assert [getattr(answer, "outcome", "refused") for answer in answers] == [
        "held",
        "refused",
        "held",
    ]


async def test_a_caller_that_has_left_takes_no_answer_from_the_others(
    scene: Scene, queue: JobQueue
) -> None:
    jobs = await scene.start(3)
    settler = Settler(queue)
    settling = [asyncio.create_task(settler.settle(job, Completed())) for job in jobs]
    await asyncio.sleep(0)  # all of them wait
    settling[0].cancel()
    for settle in settling[1:]:
        assert (await asyncio.wait_for(settle, 10)).outcome == "completed"
