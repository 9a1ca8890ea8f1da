"""The real `supajobs work`: it tells of its jobs, is stopped, or killed amid sending."""

import asyncio
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import run
from tests.cli.test_programs import PROFILE
from tests.faults.worker import Worker
from tests.notifications.ends import Ends
from tests.notifications.receivers import WEBHOOK_SECRET, Receiver
from tests.parts import enqueue
from tests.serving import eventually

from supajobs.local.stack import StackInfo
from supajobs.notifications.notifier import GAP_SECONDS
from supajobs.queue.job_queue import JobQueue


@pytest.fixture
def start_worker(
    stack: StackInfo, receiver: Receiver, job_type: str
) -> Generator[Callable[[], Worker]]:
    """Starts a real `supajobs work` that tells the receiver."""
    workers: list[Worker] = []

    def start_worker() -> Worker:
        environment = {
            **stack.environment,
            "WORKER_POLL_SECONDS": "0.1",
            "WEBHOOK_URL": f"{receiver.url}/hook",
            "WEBHOOK_SECRET": WEBHOOK_SECRET,
        }
        workers.append(Worker(job_type, environment))
        return workers[-1]

    yield start_worker
    for worker in workers:
        worker.kill()


async def test_what_a_killed_process_had_sent_is_sent_again_under_the_same_id(
    ends: Ends, queue: JobQueue, receiver: Receiver, start_worker: Callable[[], Worker]
) -> None:
    receiver.answers.clear()
    worker = start_worker()
    job_id = await enqueue(queue, ends.person, ends.job_type)
    await eventually(lambda: len(receiver.calls) == 1)
    worker.kill()
    receiver.answers.set()
    held = ends.delivery(job_id)
    assert (held["status"], held["is_held"]) == ("pending", True)
    assert 30 < held["due_in"] <= 60

    ends.make_due()
    start_worker()
    await eventually(lambda: ends.delivery(job_id)["status"] == "delivered")
    assert len(receiver.calls) == 2
    told: set[Any] = {call.headers["webhook-id"] for call in receiver.calls}
    assert told == {str(ends.notification(job_id)["id"])}


async def test_the_end_of_a_job_is_told_at_once(
    ends: Ends, queue: JobQueue, receiver: Receiver, start_worker: Callable[[], Worker]
) -> None:
    start_worker()
    await enqueue(queue, ends.person, ends.job_type)
    await eventually(lambda: len(receiver.calls) == 1)
    await asyncio.sleep(3 * GAP_SECONDS)  # until it rests
    await enqueue(queue, ends.person, ends.job_type)
    await eventually(lambda: len(receiver.calls) == 2)


async def test_a_run_from_a_crontab_tells_before_it_exits(
    ends: Ends, queue: JobQueue, receiver: Receiver, stack: StackInfo, tmp_path: Path
) -> None:
    enqueued = await queue.enqueue(user_id=ends.person.id, job_type="training_plan", params=PROFILE)
    environment = {
        **stack.environment,
        "WEBHOOK_URL": f"{receiver.url}/hook",
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    ran = await run("process", "--once", env=environment, cwd=tmp_path)
    assert ran.code == 0
    # It runs all that waits, and other tests leave jobs of this type.
    told = (call.json for call in receiver.calls)
    [call] = [call for call in told if call["data"]["job_id"] == str(enqueued.job.id)]
    assert call["type"] == "job.completed"
    assert call["data"]["plan_id"]


async def test_a_process_that_is_stopped_settles_what_it_sends(
    ends: Ends, queue: JobQueue, receiver: Receiver, start_worker: Callable[[], Worker]
) -> None:
    receiver.answers.clear()
    worker = start_worker()
    job_id = await enqueue(queue, ends.person, ends.job_type)
    await eventually(lambda: len(receiver.calls) == 1)
    worker.terminate()
    receiver.answers.set()
    assert await worker.ended() == 0
    assert ends.delivery(job_id)["status"] == "delivered"
