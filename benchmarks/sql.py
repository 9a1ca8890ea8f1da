"""What one client pays for a job's life over a direct connection."""

from benchmarks.measure import (
    BATCHED,
    SINGLE,
    Measure,
    enqueue_jobs,
    prepare,
    run_jobs,
    run_refilled,
    take_turns,
)
from benchmarks.server import Server
from benchmarks.sizes import Sizes
from benchmarks.system import BATCH
from benchmarks.systems import install_all
from benchmarks.table import Metric, Table

FEW = 1000  # rows in each table beforehand: plans for an empty one would tell nothing


def run(server: Server, sizes: Sizes) -> list[Table]:
    measures: dict[str, Measure] = {
        "enqueue": lambda system: enqueue_jobs(system, sizes.singles),
        SINGLE: lambda system: run_jobs(system, sizes.singles, batch=1),
        BATCHED: lambda system: run_refilled(system, sizes.batched, batch=BATCH),
    }
    with install_all(server) as systems:
        prepare(server, systems, pending=FEW, finished=FEW)
        medians = take_turns(systems, measures, rounds=sizes.rounds)
    table = Table(
        title="SQL: one client, direct connection",
        metrics=[Metric(name, "µs per job", values) for name, values in medians.items()],
        note=(
            "Every call is a transaction with prepared statements over one driver (psycopg 3). "
            "The floor enqueues with one INSERT, and claims and completes with one UPDATE by "
            "primary key each. Procrastinate has no statement for more than one job."
        ),
    )
    return [table]
