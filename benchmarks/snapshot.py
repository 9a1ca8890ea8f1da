"""Claims while another session holds an old snapshot open, and vacuum may remove nothing."""

import contextlib
import time
from collections.abc import Generator, Sequence

from benchmarks.measure import find_percentile
from benchmarks.server import Server, connect
from benchmarks.sizes import Sizes
from benchmarks.system import System
from benchmarks.systems import pgmq, supajobs
from benchmarks.table import Metric, Table

RATE = 50  # jobs per second
LAST_PART = 5  # of the time, what is measured: by then the dead rows have piled up


def run(server: Server, sizes: Sizes) -> list[Table]:
    seconds = sizes.snapshot_seconds
    with supajobs.install(server) as ours, pgmq.install(server) as peer:
        systems: list[System] = [ours, peer]
        without = _run_paced(systems, seconds / LAST_PART)
        with _old_snapshots(systems):
            beside = {
                name: each[-len(each) // LAST_PART :]
                for name, each in _run_paced(systems, seconds).items()
            }
    metrics = [
        Metric(
            f"claim p{percent}, {how}",
            "ms",
            {name: find_percentile(each, percent) * 1000 for name, each in claims.items()},
            compared_to=(),
        )
        for percent in (50, 99)
        for how, claims in (("without", without), ("with the snapshot", beside))
    ]
    table = Table(
        title=f"An old snapshot, open for {seconds:g} s, at {RATE} jobs/s",
        metrics=metrics,
        note=(
            "SQL, one job at a time: enqueue, claim, complete. Percentiles of the last "
            f"{seconds / LAST_PART:g} s."
        ),
    )
    return [table]


def _run_paced(systems: Sequence[System], seconds: float) -> dict[str, list[float]]:
    """Seconds that each claim took."""
    claims: dict[str, list[float]] = {system.name: [] for system in systems}
    started = time.monotonic()
    for number in range(round(RATE * seconds)):
        time.sleep(max(0, started + number / RATE - time.monotonic()))
        for system in systems:
            system.enqueue()
            begun = time.monotonic()
            jobs = system.claim(1)
            claims[system.name].append(time.monotonic() - begun)
            system.complete(jobs)
    return claims


@contextlib.contextmanager
def _old_snapshots(systems: Sequence[System]) -> Generator[None]:
    """In each database: a snapshot hinders vacuum in its own alone."""
    with contextlib.ExitStack() as stack:
        for system in systems:
            session = stack.enter_context(connect(system.url))
            session.execute(b"begin isolation level repeatable read")
            session.execute(b"select 1")  # this takes it
        yield
