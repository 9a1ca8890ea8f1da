"""Timing in rounds."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

from benchmarks.rows import vacuum
from benchmarks.server import Server
from benchmarks.system import BATCH, System

Measure = Callable[[System], float]

MICROSECONDS = 1e6
BATCHED = f"claim {BATCH} + complete {BATCH}"
SINGLE = "claim + complete"


def prepare(server: Server, systems: Sequence[System], *, pending: int, finished: int) -> None:
    """Fills the tables and leaves the server at rest: no vacuum and no checkpoint is due."""
    for system in systems:
        system.fill(pending=pending, finished=finished)
        vacuum(system.url)
    server.checkpoint()


def take_turns(
    systems: Sequence[System], measures: Mapping[str, Measure], *, rounds: int
) -> dict[str, dict[str, float]]:
    """Medians by measure and system over rounds in which the systems take turns.

    So drift hits all alike. A first round is not counted: it fills caches and settles plans.
    """
    samples: dict[str, dict[str, list[float]]] = {
        measure: {system.name: [] for system in systems} for measure in measures
    }
    for round_number in range(rounds + 1):
        for name, measure in measures.items():
            for system in systems:
                sample = measure(system)
                if round_number > 0:
                    samples[name][system.name].append(sample)
    return {
        name: {system: statistics.median(values) for system, values in by_system.items()}
        for name, by_system in samples.items()
    }


def enqueue_jobs(system: System, count: int) -> float:
    """Microseconds for one."""
    started = time.perf_counter()
    for _ in range(count):
        system.enqueue()
    return (time.perf_counter() - started) / count * MICROSECONDS


def run_jobs(system: System, count: int, *, batch: int) -> float:
    """Claims and completes; microseconds for one."""
    started = time.perf_counter()
    for _ in range(count // batch):
        jobs = system.claim(batch)
        if len(jobs) != batch:
            raise RuntimeError(f"{system.name} claimed {len(jobs)} jobs instead of {batch}")
        system.complete(jobs)
    return (time.perf_counter() - started) / count * MICROSECONDS


def run_refilled(system: System, count: int, *, batch: int) -> float:
    """The same after as many jobs were enqueued as are run: the backlog stays as it is."""
    enqueue_jobs(system, count)
    return run_jobs(system, count, batch=batch)


def find_percentile(samples: Sequence[float], percent: int) -> float:
    return statistics.quantiles(samples, n=100, method="inclusive")[percent - 1]
