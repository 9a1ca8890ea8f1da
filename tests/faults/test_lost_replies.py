"""Every call commits, its answer is lost, and it is made again: with the same end, once."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, JsonValue
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene
from tests.parts import NoParams, make_processor, make_settings
from tests.serving import eventually

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import ClaimedJob, Progress
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, Failed, JobError, RateLimitedError, Released, Usage
from supajobs.queue.answers import Beat
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

BROKEN = JobError(code="x", message="x")
HALFWAY = Progress(phase="base", percentage=50, message="")


@dataclass(frozen=True)
class Prepared:
    """A call that can be made, and the jobs on which its effect is seen."""

    function: str
    send: Callable[[JobQueue], Awaitable[Any]]
    """Makes it, and returns what of the answer is the same for every such call."""
    job_ids: Sequence[UUID] = ()


async def enqueue(scene: Scene) -> Prepared:
    # Of a type without a dedupe key: only the call's own key can hold it to one job.
    async def send(queue: JobQueue) -> Any:
        answer = await queue.enqueue(user_id=scene.user_id, job_type=scene.job_type, params={})
        return answer.outcome, scene.count("pending")

    return Prepared("enqueue_plan_job", send)


async def claim(scene: Scene) -> Prepared:
    job_ids = await scene.enqueue(4)
    claim_id = uuid4()

    async def send(queue: JobQueue) -> Any:
        jobs = await queue.claim(
            claim_id=claim_id, worker_id="test", max_jobs=3, job_types=[scene.job_type]
        )
        return [job_ids.index(job.id) for job in jobs]

    return Prepared("claim_plan_jobs", send, job_ids)


async def heartbeat(scene: Scene) -> Prepared:
    jobs = await scene.start(2)
    await scene.queue.cancel(jobs[1].id, scene.user_id)
    beats = [Beat(job_id=job.id, claim_id=job.claim_id, progress=HALFWAY) for job in jobs]

    async def send(queue: JobQueue) -> Any:
        pulses = {pulse.job_id: pulse for pulse in await queue.heartbeat(beats)}
        return [(pulses[job.id].outcome, pulses[job.id].cancel_requested) for job in jobs]

    return Prepared("heartbeat_plan_jobs", send, ids(jobs))


async def complete(scene: Scene) -> Prepared:
    jobs = await scene.start(3)
    await scene.queue.cancel(jobs[1].id, scene.user_id)
    ended = [(job, Completed(result=1, plan={"n": 1})) for job in jobs]

    async def send(queue: JobQueue) -> Any:
        return [settled.outcome for settled in await queue.complete(ended)]

    return Prepared("complete_plan_jobs", send, ids(jobs))


async def fail(scene: Scene) -> Prepared:
    jobs = await scene.start(3)
    await scene.queue.cancel(jobs[1].id, scene.user_id)
    ended = [(job, Failed(BROKEN, retryable=job is not jobs[2], retry_after=60)) for job in jobs]

    async def send(queue: JobQueue) -> Any:
        return [settled.outcome for settled in await queue.fail(ended)]

    return Prepared("fail_plan_jobs", send, ids(jobs))


async def release(scene: Scene) -> Prepared:
    jobs = await scene.start(2)
    await scene.queue.cancel(jobs[1].id, scene.user_id)
    ended = [(job, Released()) for job in jobs]

    async def send(queue: JobQueue) -> Any:
        return [settled.outcome for settled in await queue.release(ended)]

    return Prepared("release_plan_jobs", send, ids(jobs))


async def save_step(scene: Scene) -> Prepared:
    [job] = await scene.start(1)

    async def send(queue: JobQueue) -> Any:
        return await queue.save_step(job, "outline", {"weeks": 4}, None)

    return Prepared("save_plan_job_step", send, [job.id])


async def cancel_a_waiting_job(scene: Scene) -> Prepared:
    return canceling(scene, await scene.enqueue(1))


async def cancel_a_running_job(scene: Scene) -> Prepared:
    return canceling(scene, ids(await scene.start(1)))


def canceling(scene: Scene, job_ids: Sequence[UUID]) -> Prepared:
    async def send(queue: JobQueue) -> Any:
        return (await queue.cancel(job_ids[0], scene.user_id)).outcome

    return Prepared("cancel_plan_job", send, job_ids)


async def retry(scene: Scene) -> Prepared:
    [job_id] = await scene.enqueue(1)
    await scene.claim(1)
    scene.sweep([job_id])
    await scene.queue.fail([(job, Failed(BROKEN, retry_after=0)) for job in await scene.claim(1)])
    await scene.queue.fail([(job, Failed(BROKEN, retryable=False)) for job in await scene.claim(1)])

    async def send(queue: JobQueue) -> Any:
        # A repeated retry is told not_finished: the job is on its way, which is what was wanted.
        answer = await queue.retry(job_id, scene.user_id)
        scene.invariants.note_retry(job_id)
        return answer.job and answer.job.status

    return Prepared("retry_plan_job", send, [job_id])


async def clean_up(scene: Scene) -> Prepared:
    job_ids = await scene.enqueue(2)
    await scene.queue.cancel(job_ids[0], scene.user_id)
    scene.sql.execute(
        "update plan_generation_jobs set expires_at = now() - interval '1 s' where id = %s",
        [job_ids[0]],
    )

    async def send(queue: JobQueue) -> Any:
        await queue.cleanup()  # says how many it has deleted itself

    return Prepared("cleanup_expired_plan_jobs", send, job_ids)


async def get_active(scene: Scene) -> Prepared:
    job_ids = await scene.enqueue(1)

    async def send(queue: JobQueue) -> Any:
        job = await queue.get_active(scene.user_id, scene.job_type)
        return job and job_ids.index(job.id)

    return Prepared("get_active_plan_job", send, job_ids)


async def get_position(scene: Scene) -> Prepared:
    job_ids = await scene.enqueue(3)

    async def send(queue: JobQueue) -> Any:
        position = await queue.get_position(job_ids[2])
        return position and (position.status, position.position_in_queue)

    return Prepared("plan_job_position", send, job_ids)


def ids(jobs: Sequence[ClaimedJob]) -> list[UUID]:
    return [job.id for job in jobs]


@pytest.mark.parametrize(
    "prepare",
    [
        enqueue,
        claim,
        heartbeat,
        complete,
        fail,
        release,
        save_step,
        cancel_a_waiting_job,
        cancel_a_running_job,
        retry,
        clean_up,
        get_active,
        get_position,
    ],
    ids=lambda prepare: prepare.__name__,
)
async def test_a_call_ends_the_same_whatever_was_lost_before(
    prepare: Callable[[Scene], Awaitable[Prepared]],
    make_scene: Callable[..., Scene],
    queue: JobQueue,
    lossy_queue: JobQueue,
    proxy: LossyProxy,
) -> None:
    scene = make_scene()
    smooth = await prepare(scene)
    heard = await smooth.send(queue)
    expected = [scene.look(job_id) for job_id in smooth.job_ids]

    scene = make_scene()
    rough = await prepare(scene)
    # Nothing happens; it happens, and nobody hears of it; it is said again, but not to the end.
    proxy.lose(rough.function, Loss.REQUEST, Loss.ANSWER, Loss.HALF)
    assert await rough.send(lossy_queue) == heard
    assert [scene.look(job_id) for job_id in rough.job_ids] == expected
    assert proxy.lost[rough.function] == 3


CHEAP = Usage(model="small", input_tokens=100, output_tokens=10, cost_usd=0.1)
DEAR = Usage(model="large", input_tokens=1000, output_tokens=100, cost_usd=0.2)


@pytest.fixture
async def hasty_queue(stack: StackInfo, proxy: LossyProxy) -> AsyncGenerator[JobQueue]:
    """A lossy one that soon gives up."""
    database = Database(make_settings(stack, supabase_url=proxy.url), patience=2)
    yield JobQueue(database)
    await database.close()


async def test_a_step_that_nobody_heard_was_saved_is_charged_once(
    scene: Scene, hasty_queue: JobQueue, proxy: LossyProxy, faults: Counter[str]
) -> None:
    has_spent = asyncio.Event()

    async def work() -> JsonValue:
        return "done"

    async def spend(job: RunningJob, _params: Any) -> Completed:
        answer = proxy.hold_answer("save_plan_job_step")
        job.spend(CHEAP)
        await job.step("one", work)
        assert answer.reached.is_set()
        answer.drop()
        faults[Loss.ANSWER] += 1
        job.spend(DEAR)
        await job.step("two", work)
        has_spent.set()
        await asyncio.Event().wait()
        return Completed()

    [job_id] = await scene.enqueue(1)
    processor = make_processor(hasty_queue, JobType(scene.job_type, NoParams, spend))
    crashing = asyncio.create_task(processor.drain())
    await has_spent.wait()
    scene.sweep([job_id])
    [attempt] = scene.sql.execute(
        "select outcome, model, input_tokens, cost_usd::float as cost from plan_job_attempts "
        "where job_id = %s",
        [job_id],
    ).fetchall()
    assert (attempt["outcome"], attempt["model"]) == ("crashed", "small, large")
    assert (attempt["input_tokens"], attempt["cost"]) == (1100, pytest.approx(0.3))
    crashing.cancel()
    await asyncio.wait({crashing})


class Task(BaseModel):
    fails_first: bool


async def write(job: RunningJob, task: Task) -> Completed:
    job.report(HALFWAY)
    if task.fails_first and job.claimed.retry_count == 0:
        raise RateLimitedError(retry_after=0)
    return Completed(plan={"job": str(job.claimed.id)})


async def test_a_busy_hour_in_which_every_third_call_is_lost(
    scene: Scene, lossy_queue: JobQueue, proxy: LossyProxy, rounds: int
) -> None:
    job_type = JobType(scene.job_type, Task, write)

    async def request(number: int) -> None:
        enqueued = await lossy_queue.enqueue(
            user_id=scene.user_id,
            job_type=scene.job_type,
            params={"fails_first": number % 4 == 0},
            idempotency_key=str(uuid4()),
        )
        if number % 5 == 0:
            await lossy_queue.cancel(enqueued.job.id, scene.user_id)

    def all_have_ended() -> bool:
        scene.invariants.check()
        return not scene.count("pending") and not scene.count("processing")

    for seed in range(rounds):
        proxy.lose_some(0.33, seed)
        processors = [make_processor(lossy_queue, job_type) for _ in range(2)]
        working = [
            asyncio.create_task(processor.work(poll_seconds=0.1)) for processor in processors
        ]
        await asyncio.gather(*(request(number) for number in range(40)))
        await eventually(all_have_ended, within=60)
        for processor in processors:
            processor.stop()
        await asyncio.gather(*working)
    ended = scene.count("completed"), scene.count("cancelled")
    assert sum(ended) == 40 * rounds
    assert ended[0] >= 32 * rounds
