"""The queues' own workers, end to end, on jobs that do nothing."""

import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from benchmarks.measure import prepare
from benchmarks.node import make_command
from benchmarks.server import Server, connect, fetch_value
from benchmarks.sizes import Sizes
from benchmarks.system import BATCH, System
from benchmarks.systems import (
    graphile,
    install_all,
    pgboss,
    pgqueuer,
    procrastinate,
    supajobs,
)
from benchmarks.table import Metric, Table

OURS = "supajobs: processor, concurrency 500, HTTP"
PATIENCE = 600  # s
LOOK_EVERY = 0.005  # s


@dataclass(frozen=True)
class Drain:
    """A way to run a system's worker."""

    name: str
    system: str
    command: list[str]


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("supajobs drains over HTTP")
    environment = {**os.environ, **server.api.environment}
    with install_all(server) as installed:
        systems = {system.name: system for system in installed}
        drains = _list_drains(systems, sizes.drained)
        samples: dict[str, list[float]] = {drain.name: [] for drain in drains}
        for _ in range(sizes.drain_rounds):
            for drain in drains:
                system = systems[drain.system]
                prepare(server, [system], pending=sizes.drained, finished=0)
                seconds = _time_drain(drain, system, environment)
                samples[drain.name].append(sizes.drained / seconds)
    rates = {name: statistics.median(each) for name, each in samples.items()}
    table = Table(
        title=f"Drain: {sizes.drained:,} jobs that do nothing, one worker process each",
        metrics=[Metric("throughput", "jobs/s", rates, compared_to=[OURS])],
        note=(
            "From the worker's start to the last job's completion in the database. supajobs goes "
            "through Supabase's REST server, which shares the machine; the others have direct "
            "connections."
        ),
    )
    return [table]


def _list_drains(systems: dict[str, System], jobs: int) -> list[Drain]:
    def python(worker: str, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "benchmarks.workers", worker, *map(str, arguments)]

    queuer, mind = systems[pgqueuer.NAME].url, systems[procrastinate.NAME].url
    boss, graph = systems[pgboss.NAME].url, systems[graphile.NAME].url
    ours = supajobs.NAME
    return [
        Drain(OURS, ours, python("supajobs", "processor", jobs, 500)),
        Drain(
            f"supajobs: bare loop of claim {BATCH} + complete {BATCH}, HTTP",
            ours,
            python("supajobs", "loop", jobs, BATCH),
        ),
        Drain(
            "PgQueuer: its benchmark's 5 connections, batch 10",
            pgqueuer.NAME,
            python("pgqueuer", queuer, jobs, 5, 10),
        ),
        Drain("PgQueuer: batch 500", pgqueuer.NAME, python("pgqueuer", queuer, jobs, 1, 500)),
        Drain(
            "Procrastinate: concurrency 1 (default)",
            procrastinate.NAME,
            python("procrastinate", mind, jobs, 1),
        ),
        Drain(
            "Procrastinate: concurrency 100",
            procrastinate.NAME,
            python("procrastinate", mind, jobs, 100),
        ),
        Drain(
            "pg-boss: batch 500, burst", pgboss.NAME, make_command("pgboss.mjs", boss, jobs, 500)
        ),
        Drain(
            "Graphile Worker: concurrency 24",
            graphile.NAME,
            make_command("graphile.mjs", graph, jobs, "plain"),
        ),
        Drain(
            "Graphile Worker: local queue 500, batched completes",
            graphile.NAME,
            make_command("graphile.mjs", graph, jobs, "batched"),
        ),
    ]


def _time_drain(drain: Drain, system: System, environment: dict[str, str]) -> float:
    """Seconds until the table says that no job is left."""
    worker = subprocess.Popen(drain.command, env=environment, stdout=subprocess.PIPE, text=True)
    deadline = threading.Timer(PATIENCE, worker.kill)
    deadline.start()
    try:
        _wait_for("started", worker, drain)
        started = time.perf_counter()
        _wait_for("handled", worker, drain)
        with connect(system.url) as sql:
            while fetch_value(sql, system.unfinished):
                if worker.poll():
                    raise RuntimeError(f"{drain.name}: the worker ended with jobs left")
                time.sleep(LOOK_EVERY)
        return time.perf_counter() - started
    finally:
        deadline.cancel()
        worker.kill()
        worker.communicate()


def _wait_for(word: str, worker: subprocess.Popen[str], drain: Drain) -> None:
    if worker.stdout is None or worker.stdout.readline() != f"{word}\n":
        raise RuntimeError(f"{drain.name}: the worker never said {word!r}")
