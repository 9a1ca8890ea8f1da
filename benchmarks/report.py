"""Where and with what the numbers were made, and the numbers as JSON."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import node
from benchmarks.server import Server, connect, fetch_value
from benchmarks.systems import pgmq, pgqueuer, procrastinate, supajobs
from benchmarks.table import Table


@dataclass(frozen=True)
class Conditions:
    date: str
    cpu: str
    cores: int
    versions: dict[str, str]


def describe_conditions(server: Server) -> Conditions:
    with connect(server.url) as sql:
        postgres = fetch_value(sql, "show server_version")
    return Conditions(
        date=datetime.now(UTC).date().isoformat(),
        cpu=_read_cpu(),
        cores=os.cpu_count() or 0,
        versions={
            "PostgreSQL": postgres,
            "Python": platform.python_version(),
            "Node": node.read_node_version(),
            "supajobs": supajobs.VERSION,
            "pgmq": pgmq.VERSION,
            "PgQueuer": pgqueuer.VERSION,
            "Procrastinate": procrastinate.VERSION,
            "pg-boss": node.read_version("pg-boss"),
            "Graphile Worker": node.read_version("graphile-worker"),
        },
    )


def render_conditions(conditions: Conditions) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in conditions.versions.items())
    return f"{conditions.date}, {conditions.cpu}, {conditions.cores} cores. {versions}.\n"


def write_json(
    file: Path,
    conditions: Conditions,
    parts: Mapping[str, Sequence[Table]],
    skipped: Sequence[str],
) -> None:
    report = {
        **asdict(conditions),
        "skipped": skipped,
        "parts": {name: [asdict(table) for table in tables] for name, tables in parts.items()},
    }
    file.write_text(json.dumps(report, indent=2) + "\n")


def _read_cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
