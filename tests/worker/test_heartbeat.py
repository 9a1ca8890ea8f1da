"""What goes up with a beat, and what comes down, without a stack."""

import asyncio
from collections.abc import Sequence

from tests.serving import eventually
from tests.worker.claims import QuietQueue, make_job

from supajobs.jobs import Progress
from supajobs.queue.answers import Beat, Pulse
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.heartbeat import Heartbeat
from supajobs.worker.runs import Run

HALF = Progress(phase="write", percentage=50, message="Half of it")
MOST = Progress(phase="write", percentage=90, message="Most of it")


class HangingQueue(QuietQueue):
    """Hears all and answers nothing."""

    async def heartbeat(self, beats: Sequence[Beat]) -> list[Pulse]:
        await super().heartbeat(beats)
        return await asyncio.Future()


def start_runs(queue: QuietQueue, *lease_seconds: int) -> tuple[Heartbeat, list[Run], Metrics]:
    runs: list[Run] = []
    metrics = Metrics()
    heartbeat = Heartbeat(queue, lambda: runs, metrics)
    runs += [
        Run(make_job(lease_seconds=each), queue, on_progress=heartbeat.notice)
        for each in lease_seconds
    ]
    return heartbeat, runs, metrics


def is_stopped(run: Run) -> bool:
    return run._waited.done()  # pyright: ignore[reportPrivateUsage] - else a handler had to run


async def test_all_runs_beat_together_as_often_as_the_shortest_lease_asks_for() -> None:
    queue = QuietQueue()
    heartbeat, [short, long], _ = start_runs(queue, 1, 60)
    async with heartbeat.beating():
        await eventually(lambda: len(queue.beats) >= 4)
    ids = [short.job.id, long.job.id]
    assert [beat.job_id for beat in queue.beats[:4]] == ids * 2
    assert not [beat for beat in queue.beats if beat.progress]


async def test_progress_goes_up_long_before_the_lease_asks_for_a_beat() -> None:
    queue = QuietQueue()
    heartbeat, [run], _ = start_runs(queue, 600)
    async with heartbeat.beating():
        run.report(HALF)
        run.report(MOST)
        await eventually(lambda: queue.beats)
        run.report(HALF)
        await eventually(lambda: len(queue.beats) == 2)
    assert [beat.progress for beat in queue.beats] == [MOST, HALF]
    assert {beat.claim_id for beat in queue.beats} == {run.job.claim_id}


async def test_progress_goes_up_once() -> None:
    queue = QuietQueue()
    heartbeat, [run], _ = start_runs(queue, 1)
    async with heartbeat.beating():
        run.report(HALF)
        await eventually(lambda: len(queue.beats) >= 2)
    assert [beat.progress for beat in queue.beats[:2]] == [HALF, None]


async def test_progress_that_did_not_arrive_goes_with_the_next_beat() -> None:
    queue = QuietQueue()
    queue.is_reachable = False
    heartbeat, [run], metrics = start_runs(queue, 1)
    async with heartbeat.beating():
        run.report(HALF)
        await eventually(lambda: queue.beats)
        queue.is_reachable = True
        await eventually(lambda: len(queue.beats) >= 2)
    assert [beat.progress for beat in queue.beats[:2]] == [HALF, HALF]
    assert metrics.registry.get_sample_value("supajobs_heartbeat_failures_total") == 1
    assert (run.lost, is_stopped(run)) == (False, False)


async def test_progress_of_a_beat_that_was_broken_off_is_still_new() -> None:
    queue = HangingQueue()
    heartbeat, [run, other], _ = start_runs(queue, 600, 600)
    async with heartbeat.beating():
        run.report(HALF)
        await eventually(lambda: queue.beats)
        assert not run.progress_is_new
    assert [each.progress_is_new for each in (run, other)] == [True, False]


async def test_a_job_that_is_lost_is_stopped() -> None:
    queue = QuietQueue()
    queue.is_held = False
    heartbeat, [run], _ = start_runs(queue, 1)
    async with heartbeat.beating():
        await eventually(lambda: is_stopped(run))
    assert run.lost


async def test_a_job_that_is_cancelled_is_stopped_and_still_ours_to_settle() -> None:
    queue = QuietQueue()
    queue.cancel_requested = True
    heartbeat, [run], _ = start_runs(queue, 1)
    async with heartbeat.beating():
        await eventually(lambda: is_stopped(run))
    assert not run.lost


async def test_nobody_calls_for_no_runs() -> None:
    queue = QuietQueue()
    heartbeat, runs, _ = start_runs(queue)
    async with heartbeat.beating():
        heartbeat.notice()
        runs.append(Run(make_job(lease_seconds=1), queue, on_progress=heartbeat.notice))
        heartbeat.notice()
        await eventually(lambda: queue.beats)
    assert {beat.job_id for beat in queue.beats} == {runs[0].job.id}
