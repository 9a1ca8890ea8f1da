"""A queue as the benchmarks see it."""

from collections.abc import Sequence
from typing import Any, Protocol

from benchmarks.server import Sql

BATCH = 100
QUEUE = "benchmark"


class System(Protocol):
    """An installed queue and the one connection on which it is timed."""

    name: str
    url: str
    sql: Sql
    unfinished: str
    """A query that tells whether any job is still to be done."""

    def enqueue(self) -> None:
        """One job, in a transaction."""
        ...

    def claim(self, count: int) -> Sequence[Any]:
        """One job or BATCH of them, in a transaction."""
        ...

    def complete(self, jobs: Sequence[Any]) -> None:
        """What one claim took, in a transaction."""
        ...

    def fill(self, *, pending: int, finished: int) -> None:
        """Adds rows as the queue's own statements leave them, only faster."""
        ...


def run_one_through(system: System) -> None:
    system.enqueue()
    jobs = system.claim(1)
    if len(jobs) != 1:
        raise RuntimeError(f"{system.name} claimed {len(jobs)} jobs instead of one")
    system.complete(jobs)
