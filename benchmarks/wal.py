"""What a job's life writes to the log, and the dead rows it leaves to vacuum."""

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

import psycopg

from benchmarks.measure import enqueue_jobs, prepare, run_jobs
from benchmarks.server import Server, Sql, connect, fetch_value
from benchmarks.sizes import Sizes
from benchmarks.sql import FEW
from benchmarks.system import BATCH, System
from benchmarks.systems import install_all
from benchmarks.table import Metric, Table


@dataclass(frozen=True)
class Written:
    """For one job."""

    records: float
    """Bytes, without full-page images where they can be told apart."""
    images: float | None
    """Bytes of full-page images."""
    dead: float
    """Versions of rows."""


def run(server: Server, sizes: Sizes) -> list[Table]:
    single: dict[str, Written] = {}
    batched: dict[str, Written] = {}
    with install_all(server) as systems, _inspect(server) as inspector:
        prepare(server, systems, pending=FEW, finished=FEW)
        for system in systems:
            for written, batch in ((single, 1), (batched, BATCH)):
                server.checkpoint()
                written[system.name] = _measure(inspector, system, sizes.wal, batch)
    note = (
        f"Enqueue, claim and complete of {sizes.wal:,} jobs, just after a checkpoint: there cannot "
        "be more full-page images. WAL is without them, where the server lets us look."
    )
    return [_tabulate("one by one", single), _tabulate(f"by {BATCH}", batched, note)]


def _tabulate(how: str, written: dict[str, Written], note: str = "") -> Table:
    records = {name: each.records for name, each in written.items()}
    images = {name: each.images for name, each in written.items() if each.images is not None}
    dead = {name: each.dead for name, each in written.items()}
    metrics = [
        Metric("WAL", "bytes per job", records),
        Metric("full-page images", "bytes per job", images, compared_to=()),
        Metric("dead row versions", "per job", dead, compared_to=()),
    ]
    return Table(
        f"WAL: claimed and completed {how}", [each for each in metrics if each.values], note
    )


@contextlib.contextmanager
def _inspect(server: Server) -> Generator[Sql | None]:
    """A connection with pg_walinspect, where we may have it."""
    with server.database("wal") as url, connect(url) as sql:
        try:
            sql.execute(b"create extension pg_walinspect")
        except psycopg.Error:
            yield None
        else:
            yield sql


def _measure(inspector: Sql | None, system: System, jobs: int, batch: int) -> Written:
    dead_before = _count_dead(system)
    begin = _read_position(system)
    enqueue_jobs(system, jobs)
    run_jobs(system, jobs, batch=batch)
    end = _read_position(system)
    dead = _count_dead(system) - dead_before
    if inspector is None:
        written = fetch_value(system.sql, "select $1::pg_lsn - $2::pg_lsn", end, begin)
        return Written(float(written) / jobs, None, dead / jobs)
    row = inspector.execute(
        b"select sum(record_size), sum(fpi_size) "
        b"from pg_get_wal_stats($1::pg_lsn, $2::pg_lsn, false)",
        [begin, end],
    ).fetchone()
    if row is None:
        raise LookupError("no statistics of the WAL")
    return Written(float(row[0]) / jobs, float(row[1]) / jobs, dead / jobs)


def _read_position(system: System) -> str:
    return fetch_value(system.sql, "select pg_current_wal_flush_lsn()::text")


def _count_dead(system: System) -> int:
    """Every update and delete leaves one, though pruning may have removed it by now."""
    system.sql.execute(b"select pg_stat_force_next_flush()")
    return fetch_value(
        system.sql, "select sum(n_tup_upd + n_tup_del)::bigint from pg_stat_user_tables"
    )
