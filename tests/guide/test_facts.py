"""What the handbook says of the code, beside the code that it shows."""

import inspect
import json
import re
from pathlib import Path
from typing import TypeGuard, get_args

import psycopg
import pytest
from prometheus_client import CollectorRegistry
from tests.parts import PROJECT, Sql
from tests.shown import GUIDE

from supajobs import SupajobsError, errors
from supajobs.api import refusals
from supajobs.api.queue_gauges import QueueGauges
from supajobs.api.requested_jobs import HOW_FOUND, Reason, RequestedJob
from supajobs.api.requests import OTHER_NAMES, JobBody
from supajobs.doctor.examination import CHECKS
from supajobs.handlers.projects import refusals as project_refusals
from supajobs.jobs import JobStatus
from supajobs.telemetry.metrics import Metrics

PAGES = sorted(GUIDE.glob("*.md"))
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
NAME = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
OF_OTHERS = {"access_token", "raise_for_status", "read_only"}


def read_source() -> str:
    files = [
        *(PROJECT / "src").rglob("*.py"),
        *(PROJECT / "clients" / "typescript" / "src").rglob("*.ts"),
        *(PROJECT / "supabase").rglob("*.sql"),
        PROJECT / ".env.example",
    ]
    return "\n".join(f"{path.stem}\n{path.read_text()}" for path in files)


@pytest.mark.parametrize("contents", ["README.md", "docs/README.md", "zensical.toml"])
def test_each_page_is_in_the_tables_of_contents(contents: str) -> None:
    listed = (PROJECT / contents).read_text()
    assert [page.name for page in PAGES if f"guide/{page.name}" not in listed] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_names_are_those_of_the_code(page: Path) -> None:
    named = {name for code in INLINE.findall(page.read_text()) for name in NAME.findall(code)}
    source = set(NAME.findall(read_source()))
    metrics = list_metrics()
    assert named - source - metrics - OF_OTHERS == set()


def list_metrics() -> set[str]:
    gauges = CollectorRegistry()
    QueueGauges(gauges)
    families = [*Metrics().registry.collect(), *gauges.collect()]
    counters = {f"{each.name}_total" for each in families if each.type == "counter"}
    return {each.name for each in families} | counters


def test_codes_have_these_statuses() -> None:
    modules = (errors, refusals, project_refusals)
    kinds = [kind for module in modules for kind in vars(module).values()]
    known = {kind.code: kind.status for kind in kinds if is_error(kind)}
    rows = re.findall(r"^\| (`.+?) \| (\d+) \|", (GUIDE / "http.md").read_text(), re.MULTILINE)
    told = {code: int(status) for codes, status in rows for code in re.findall(r"\w+", codes)}
    assert len(told) > len(rows) > 0
    assert told == {code: known[code] for code in told}


def is_error(kind: object) -> TypeGuard[type[SupajobsError]]:
    return inspect.isclass(kind) and issubclass(kind, SupajobsError)


def test_requests_are_those_of_the_api() -> None:
    described = json.loads((PROJECT / "docs" / "openapi.json").read_text())["paths"]
    known = {(method.upper(), path) for path in described for method in described[path]}
    known = {
        (method, path.removeprefix("/v1") if "health" in path else path) for method, path in known
    }
    known.add(("GET", "/metrics"))
    cells = re.findall(r"`([A-Z]+) (/[^`?]+)", (GUIDE / "http.md").read_text())
    assert {re.sub(r"\{\w+\}", "{}", f"{method} {path}") for method, path in cells} == {
        re.sub(r"\{\w+\}", "{}", f"{method} {path}") for method, path in known
    }


def test_a_request_says_what_the_api_reads() -> None:
    told = (GUIDE / "http.md").read_text()
    [row] = re.findall(r"^\| `POST /v1/jobs` \| (.+)", told, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == set(JobBody.model_fields)
    section = find_section(told, "Clients of other queues")
    assert dict(re.findall(r"`(\w+)` for `(\w+)`", section)) == OTHER_NAMES


def find_section(told: str, title: str) -> str:
    [section] = re.findall(rf"^## {title}\n(.+?)^## ", told, re.MULTILINE | re.DOTALL)
    return str(section)


def test_an_answer_says_what_the_page_says() -> None:
    section = find_section((GUIDE / "http.md").read_text(), "Was it there")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))
    assert set(rows) == HOW_FOUND
    assert set(re.findall(r"`(\w+)`: ", rows["why"])) == set(get_args(Reason))
    assert set(RequestedJob.model_fields) | set(RequestedJob.model_computed_fields) >= {
        "id",
        "job_id",
        *rows,
    }


def test_limits_are_on_their_page(sql: Sql) -> None:
    told = set(NAME.findall((GUIDE / "limits.md").read_text()))
    columns = sql.execute(
        "select column_name from information_schema.columns where table_name = 'plan_job_types'"
    )
    named = {row["column_name"] for row in columns}
    of_one_attempt = {"max_retries", "max_crashes", "max_runtime_seconds"}
    limits = {name for name in named if re.match("max|enqueue|starts|dedupe", name)}
    assert limits - of_one_attempt - told == set()
    assert limits > of_one_attempt


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_the_doctor_has_as_many_checks_as_is_said(name: str) -> None:
    told = re.findall(r"(\d+) checks", (PROJECT / name).read_text())
    assert told == [str(len(CHECKS))]


def test_what_workers_are_added_by_is_told() -> None:
    told = (GUIDE / "deploying.md").read_text()
    named = set(re.findall(r"supajobs_queue_\w+", told))
    assert named <= list_metrics()
    assert set(re.findall(r'status=~"(.+)"', told)[0].split("|")) <= set(JobStatus)


def test_a_job_is_kept_as_long_as_the_page_says(sql: Sql) -> None:
    told = (GUIDE / "retention.md").read_text()
    [default] = re.findall(r"`ttl_hours` after its end: (\d+)", told)
    [(least, most)] = re.findall(r"`ttl_hours` of the request: (\d+) to (\d+)", told)
    with sql.transaction(force_rollback=True):
        insert = "insert into plan_job_types (job_type) values ('kept') returning ttl_hours"
        assert [row["ttl_hours"] for row in sql.execute(insert)] == [int(default)]
        change = "update plan_job_types set ttl_hours = %s"
        for hours in (int(least), int(most)):
            sql.execute(change, [hours])
        for hours in (int(least) - 1, int(most) + 1):
            with pytest.raises(psycopg.errors.CheckViolation), sql.transaction():
                sql.execute(change, [hours])


def test_notifications_are_kept_as_long_as_the_page_says(sql: Sql) -> None:
    told = (GUIDE / "retention.md").read_text()
    [days] = re.findall(r"^\| notifications.* \| (\d+) days \|", told, re.MULTILINE)
    insert = """
        insert into supajobs.notifications (id, job_id, user_id, job_type, event, occurred_at)
        select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'canary', event, now() + ago
        from (
          values ('job.completed', %s::interval), ('job.failed', %s::interval)
        ) as ended (event, ago)
    """
    with sql.transaction(force_rollback=True):
        sql.execute(insert, [f"-{days} days -1 minute", f"-{days} days 1 minute"])
        sql.execute("select supajobs.cleanup_notifications()")
        left = sql.execute("select event from supajobs.notifications").fetchall()
    assert [row["event"] for row in left] == ["job.failed"]
