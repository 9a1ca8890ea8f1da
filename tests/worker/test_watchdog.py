"""The watchdog beats in time for short leases, without a stack."""

import contextlib
import time
from collections.abc import AsyncGenerator

import pytest
from tests.worker.claims import QuietQueue, make_job

from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.heartbeat import Heartbeat
from supajobs.worker.runs import Run
from supajobs.worker.watchdog import Watchdog


class QueueOfAllLoops(QuietQueue):
    """One that has no connections, which would belong to a loop."""

    @contextlib.asynccontextmanager
    async def elsewhere(self) -> AsyncGenerator[JobQueue]:
        yield self


async def test_a_lease_shorter_than_a_block_is_extended_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.worker.watchdog.BLOCKED_SECONDS", 60.0)
    queue, metrics = QueueOfAllLoops(), Metrics()
    runs: list[Run] = []
    heartbeat = Heartbeat(queue, lambda: runs, metrics)
    runs.append(Run(make_job(lease_seconds=1), queue, on_progress=heartbeat.notice))
    async with Watchdog(heartbeat, lambda: runs, metrics).watching():
        until = time.monotonic() + 30  # long before it would count as a block by itself
        while not queue.beats and time.monotonic() < until:
            time.sleep(0.05)  # noqa: ASYNC251 - which is the fault
        beats = list(queue.beats)
    assert {beat.job_id for beat in beats} == {runs[0].job.id}
