"""Leases that are lost all at once: how soon one worker has them back, and what claims take."""

import time

from benchmarks.measure import find_percentile
from benchmarks.server import Server, fetch_value
from benchmarks.sizes import Sizes
from benchmarks.system import BATCH, QUEUE
from benchmarks.systems import supajobs
from benchmarks.systems.supajobs import JOBS, Supajobs
from benchmarks.table import Metric, Table

POLLS = 4  # per second
WANTED = 10  # jobs: what an idle worker asks for
PATIENCE = 300  # s
_RUNNING = f"job_type = '{QUEUE}' and status = 'processing'"
_ANY_LOST = f"exists (select from {JOBS} where {_RUNNING} and lease_expires_at < now())"


def run(server: Server, sizes: Sizes) -> list[Table]:
    with supajobs.install(server) as system:
        system.fill(pending=2 * sizes.lost, finished=1)
        server.checkpoint()
        beside: list[float] = [_poll(system) for _ in range(sizes.polls)]
        _lose(system, sizes.lost)
        server.checkpoint()
        recovering: list[float] = []
        started = time.monotonic()
        while fetch_value(system.sql, f"select {_ANY_LOST}"):
            recovering.append(_poll(system))
            if time.monotonic() > started + PATIENCE:
                raise TimeoutError(f"Leases are still lost after {PATIENCE} s.")
        seconds = time.monotonic() - started
    claims = {"as ever": beside, "while leases come back": recovering}
    back = Metric("all are back after", "s", {"while leases come back": seconds}, compared_to=())
    metrics = [back]
    for percent in (50, 99):
        values = {row: find_percentile(each, percent) * 1000 for row, each in claims.items()}
        metrics.append(Metric(f"claim p{percent}", "ms", values, compared_to=["as ever"]))
    table = Table(
        title=f"{sizes.lost:,} leases that are lost at once",
        metrics=metrics,
        note=f"One worker over SQL, which asks for {WANTED} jobs {POLLS} times a second.",
    )
    return [table]


def _poll(system: Supajobs) -> float:
    """Seconds that the claim took."""
    begun = time.monotonic()
    jobs = system.claim(WANTED)
    took = time.monotonic() - begun
    system.complete(jobs)
    time.sleep(max(0, begun + 1 / POLLS - time.monotonic()))
    return took


def _lose(system: Supajobs, count: int) -> None:
    for _ in range(count // BATCH):
        system.claim(BATCH)
    system.owner.execute(
        f"update {JOBS} set lease_expires_at = now() - interval '1 second' "
        f"where {_RUNNING}".encode()
    )
