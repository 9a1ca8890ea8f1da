"""The benchmarks in tiny sizes: that they work, not what they say."""

import json
import subprocess
import sys
from typing import Any

import pytest
from tests.parts import PROJECT

pytestmark = pytest.mark.timeout(600)  # the first time, packages come from the network

PARTS = (
    "sql",
    "backlog",
    "wal",
    "drain",
    "latency",
    "requests",
    "events",
    "crowd",
    "snapshot",
    "recovery",
    "ties",
    "dashboard",
    "pages",
)
SYSTEMS = {
    "floor",
    "supajobs",
    "pgmq (archive)",
    "PgQueuer",
    "Procrastinate",
    "pg-boss",
    "Graphile Worker (deletes)",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("benchmarks") / "report.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json", str(file)]
    ran = subprocess.run(  # noqa: S603 - a command of our own
        command, cwd=PROJECT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(file.read_text())


def read_rows(report: dict[str, Any], part: str) -> list[set[str]]:
    return [set(metric["values"]) for table in report["parts"][part] for metric in table["metrics"]]


def test_no_part_is_skipped(report: dict[str, Any]) -> None:
    assert report["skipped"] == []
    assert set(report["parts"]) == set(PARTS)


def test_every_number_is_positive(report: dict[str, Any]) -> None:
    for tables in report["parts"].values():
        for table in tables:
            for metric in table["metrics"]:
                assert metric["values"], metric["name"]
                assert min(metric["values"].values()) > 0, metric["name"]


def test_every_system_is_measured_by_sql(report: dict[str, Any]) -> None:
    assert all(rows == SYSTEMS for part in ("sql", "wal") for rows in read_rows(report, part))
    beside_tomorrow = {"floor", "supajobs"}
    assert all(rows in (SYSTEMS, beside_tomorrow) for rows in read_rows(report, "backlog"))


def test_every_worker_drains(report: dict[str, Any]) -> None:
    [rows] = read_rows(report, "drain")
    workers = {row.partition(":")[0] for row in rows}
    assert workers == {"supajobs", "PgQueuer", "Procrastinate", "pg-boss", "Graphile Worker"}


def test_the_versions_of_all_are_told(report: dict[str, Any]) -> None:
    assert all(report["versions"].values())
    assert len(report["versions"]) == 9
