"""Each file of supabase/snippets, as a person runs it in the dashboard, on jobs made for it.

The figures that are asserted are worked out by hand from the jobs above them. A test's time stands
still, at `jobs.now`, and what it makes is never committed. Its jobs are of a type of their own, to
which the snippet is narrowed as its comments propose.
"""

import re
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from tests.parts import Sql
from tests.seeds import Seeds

SNIPPETS = sorted(
    file
    for file in (Path(__file__).parents[1] / "supabase" / "snippets").glob("*.sql")
    if file.stem != "alert_when_unhealthy"  # which answers nothing, but schedules; see test_alert
)
NO_ID = UUID(int=0)


@pytest.fixture
def jobs(sql: Sql, make_job_type: Callable[..., str]) -> Generator[Seeds]:
    job_type = make_job_type()
    with sql.transaction(force_rollback=True):
        [row] = sql.execute("select now() as now, current_user as role").fetchall()
        assert row["role"] == "postgres"
        jobs = Seeds(sql, job_type, uuid4(), row["now"].astimezone(UTC))
        jobs.insert("auth.users", id=jobs.user_id)
        yield jobs


def run(jobs: Seeds, name: str, of: UUID = NO_ID) -> list[DictRow]:
    """The rows of a snippet, narrowed by its own comments to the type of `jobs`, or the id `of`."""
    [file] = [file for file in SNIPPETS if file.stem == name]
    query = re.sub(r"^( *)-- (where|and) (?=\w+\.)", r"\1\2 ", file.read_text(), flags=re.MULTILINE)
    narrowed = query.replace("training_plan", jobs.job_type).replace(str(NO_ID), str(of))
    assert narrowed != file.read_text() or name == "what_is_wrong"
    return jobs.sql.execute(narrowed.encode()).fetchall()


def pick(rows: list[DictRow], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


@pytest.mark.parametrize("file", SNIPPETS, ids=lambda file: file.stem)
def test_each_snippet_answers_a_question_and_is_tested(file: Path, sql: Sql) -> None:
    first_line, *_ = file.read_text().splitlines()
    assert re.match(r"-- .+\?.*[.]$", first_line)
    assert sql.execute(file.read_bytes()).description
    assert any(name.startswith(f"test_{file.stem}_") for name in globals())


def test_what_is_wrong_says_what_to_do(jobs: Seeds) -> None:
    jobs.sql.execute("delete from plan_generation_jobs where true")
    jobs.sql.execute("update supajobs.sweeps set swept_at = clock_timestamp()")
    codes = ["old_backlog", "expired_leases", "stuck_jobs"]
    assert not {row["code"] for row in run(jobs, "what_is_wrong")} & set(codes)
    jobs.job(jobs.ago(10))
    jobs.running(jobs.ago(60), lease_expires_at=jobs.ago(30))

    reasons = {row["code"]: row for row in run(jobs, "what_is_wrong")}

    backlog, lost, stuck = (reasons[code] for code in codes)
    assert pick([backlog, lost, stuck], "status", "job_type", "jobs") == [
        ("degraded", jobs.job_type, None),
        ("degraded", None, 1),
        ("degraded", None, 1),
    ]
    assert "supajobs work" in lost["message"]
    assert 600 <= backlog["seconds"] < 660


def test_pending_jobs_by_type_and_priority(jobs: Seeds) -> None:
    jobs.job(jobs.ago(50), turn=1)
    jobs.job(jobs.ago(70), run_at=jobs.ago(20), turn=2)  # a retry that is due
    # Given back five minutes ago, by a worker that had begun ten minutes ago.
    jobs.job(jobs.ago(90), started_at=jobs.ago(10), updated_at=jobs.ago(5), turn=3)
    jobs.job(jobs.ago(80), run_at=jobs.ago(-30))
    jobs.job(jobs.ago(80), run_at=jobs.ago(-15))
    jobs.running(jobs.ago(99))
    jobs.job(jobs.ago(8), priority=9, run_at=jobs.ago(8))  # due, and not yet promoted to its lane
    jobs.job(jobs.ago(1), priority=2, run_at=jobs.ago(-1))
    jobs.ended(jobs.ago(99), "completed", jobs.ago(90))
    jobs.sql.execute(
        "update plan_job_types set max_running = 4, paused_at = now() where job_type = %s",
        [jobs.job_type],
    )

    rows = run(jobs, "pending_jobs")

    assert pick(rows, "priority", "pending", "scheduled", "processing", "max_running") == [
        (5, 3, 2, 1, 4),
        (9, 1, 0, 0, 4),
        (2, 0, 1, 0, 4),
    ]
    assert pick(rows, "oldest_pending", "next_run_at", "paused_at") == [
        (timedelta(minutes=50), jobs.ago(-15), jobs.now),
        (timedelta(minutes=8), None, jobs.now),
        (None, jobs.ago(-1), jobs.now),
    ]


def test_failed_jobs_by_error_puts_like_to_like(jobs: Seeds) -> None:
    def refused(minutes: float, what: str, **columns: Any) -> UUID:
        error = {"code": "refused", "message": f'Request {uuid4()} for "{what}" took 30.{what} s'}
        at = jobs.ago(minutes)
        return jobs.ended(at, "failed", at, error=error, **columns)

    refused(60, "1")
    refused(120, "22", user_id=jobs.user())
    refused(30, "333")
    refused(25 * 60, "4")  # more than a day ago
    # Refused once, and then done.
    retried = jobs.ended(jobs.ago(20), "completed", jobs.ago(10))
    error = {"code": "refused", "message": f'Request {uuid4()} for "5" took 9.5 s'}
    jobs.attempt(
        retried, "retrying", jobs.ago(20), jobs.ago(19), error=error, retry_at=jobs.ago(18)
    )
    # The last of three leases was lost; the others had been, too.
    lost = {"code": "worker_lost", "message": "The job was stopped."}
    crashed = jobs.job(jobs.ago(9), status="failed", completed_at=jobs.ago(3), error=lost)
    for minutes in (7, 5, 3):
        jobs.attempt(crashed, "crashed", jobs.ago(minutes + 1), jobs.ago(minutes))
    # It failed, and its user has requested it again.
    again = jobs.job(jobs.ago(50))
    jobs.attempt(again, "failed", jobs.ago(49), jobs.ago(48), error={"code": "no", "message": "No"})

    rows = run(jobs, "failed_jobs_by_error")

    assert pick(rows, "code", "pattern", "failed_jobs", "attempts", "users") == [
        ("refused", "Request <id> for '…' took <n> s", 3, 4, 2),
        ("worker_lost", "The worker went silent.", 1, 3, 1),
        ("no", "No", 0, 1, 1),
    ]
    assert pick(rows, "first_seen_at", "last_seen_at", "example_job_id") == [
        (jobs.ago(120), jobs.ago(19), retried),
        (jobs.ago(7), jobs.ago(3), crashed),
        (jobs.ago(48), jobs.ago(48), again),
    ]


def test_last_failures_have_all_their_attempts(jobs: Seeds) -> None:
    error = {"code": "refused", "message": "No.", "detail": [1]}
    once = jobs.ended(jobs.ago(100), "failed", jobs.ago(98), error=error)
    twice = jobs.ended(
        jobs.ago(99), "failed", jobs.ago(90), error=error, started=jobs.ago(93), worker_id="w2"
    )
    jobs.attempt(twice, "crashed", jobs.ago(99), jobs.ago(95))
    jobs.ended(jobs.ago(99), "completed", jobs.ago(80))
    for minutes in range(1000, 1019):  # older, and the first of them one too many
        jobs.ended(jobs.ago(minutes), "failed", jobs.ago(minutes), error=error)

    rows = run(jobs, "last_failures")

    assert pick(rows[:3], "job_id", "attempt", "outcome", "worker_id", "code", "message") == [
        (twice, 1, "crashed", "w1", None, None),
        (twice, 2, "failed", "w2", "refused", "No."),
        (once, 1, "failed", "w1", "refused", "No."),
    ]
    assert pick(rows[:3], "failed_at", "duration") == [
        (jobs.ago(90), timedelta(minutes=4)),
        (jobs.ago(90), timedelta(minutes=3)),
        (jobs.ago(98), timedelta(minutes=2)),
    ]
    assert rows[2]["detail"] == [1]
    assert len({row["job_id"] for row in rows}) == 20
    assert rows[-1]["failed_at"] == jobs.ago(1017)


def test_jobs_by_user_counts_what_is_theirs(jobs: Seeds) -> None:
    other = jobs.user()
    jobs.job(jobs.ago(1), user_id=other)
    jobs.job(jobs.ago(5), turn=1)
    jobs.job(jobs.ago(6))
    jobs.job(jobs.ago(7), run_at=jobs.ago(-7))
    jobs.running(jobs.ago(8))
    for _ in range(3):
        jobs.ended(jobs.ago(23 * 60), "completed", jobs.ago(22 * 60))
    jobs.ended(jobs.ago(9), "failed", jobs.ago(8), error={"code": "x", "message": "x"})
    jobs.ended(jobs.ago(25 * 60), "completed", jobs.ago(20))  # requested more than a day ago
    month = jobs.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    jobs.cost(month, 0.25)
    jobs.cost(month, None)
    jobs.cost(month, 0.5, model="n")
    jobs.cost(month - timedelta(days=1), 7)

    figures = ["pending", "scheduled", "processing", "completed", "failed"]
    [mine] = run(jobs, "jobs_by_user", of=jobs.user_id)
    assert pick([mine], *figures) == [(2, 1, 1, 3, 1)]
    assert (mine["user_id"], float(mine["cost_this_month"])) == (jobs.user_id, 0.75)
    [theirs] = run(jobs, "jobs_by_user", of=other)
    assert pick([theirs], *figures, "cost_this_month") == [(1, 0, 0, 0, 0, 0)]


def test_stuck_jobs_say_why_and_since_when(jobs: Seeds) -> None:
    jobs.running(jobs.ago(10))  # as it should be
    silent = jobs.running(jobs.ago(6), lease_expires_at=jobs.ago(5), crash_count=1)
    # Its deadline is long over by now, but its worker was silent long before.
    forgotten = jobs.running(jobs.ago(60), lease_expires_at=jobs.ago(58), worker_id="w2")
    # Its last heartbeat came shortly before the deadline.
    barely = jobs.running(jobs.ago(19), lease_expires_at=jobs.ago(3.5))
    late = jobs.running(jobs.ago(15.5))
    # Heartbeats extended its lease as far as they can: until a minute after the deadline.
    endless = jobs.running(jobs.ago(22), lease_expires_at=jobs.ago(6))

    rows = run(jobs, "stuck_jobs")

    assert pick(rows, "job_id", "reason", "since", "worker_id") == [
        (forgotten, "lease_expired", jobs.ago(58), "w2"),
        (endless, "over_max_runtime", jobs.ago(7), "w1"),
        (silent, "lease_expired", jobs.ago(5), "w1"),
        (barely, "lease_expired", jobs.ago(3.5), "w1"),
        (late, "over_max_runtime", jobs.ago(0.5), "w1"),
    ]
    assert "supajobs work" in rows[0]["what_to_do"]
    assert "log of that worker" in rows[4]["what_to_do"]
    assert rows[4]["stuck_for"] == timedelta(seconds=30)


def test_jobs_per_hour_show_every_hour(jobs: Seeds) -> None:
    hour = jobs.now.replace(minute=0, second=0, microsecond=0)
    last = hour - timedelta(hours=1)
    assert len(run(jobs, "jobs_per_hour")) == 48
    error = {"code": "x", "message": "x"}
    for minutes in (0, 30):
        jobs.ended(last, "completed", last + timedelta(minutes=minutes))
    jobs.ended(last, "failed", last + timedelta(minutes=59, seconds=59), error=error)
    crashed = jobs.ended(last, "failed", last, outcome="crashed", error=error)
    jobs.attempt(crashed, "crashed", last, last - timedelta(minutes=1))  # in the hour before
    jobs.ended(last, "cancelled", last)
    waiting = jobs.job(last)
    jobs.attempt(waiting, "retrying", last, last, retry_at=jobs.now)
    jobs.attempt(waiting, "released", last, last)
    jobs.attempt(waiting, "suspended", last, last, retry_at=jobs.now)
    first = hour - timedelta(hours=47)
    jobs.ended(first, "completed", first)
    jobs.ended(first, "completed", first - timedelta(seconds=1))  # too long ago

    rows = run(jobs, "jobs_per_hour")

    assert [row["hour"] for row in rows] == [hour - timedelta(hours=n) for n in range(48)]
    figures = ["completed", "failed", "cancelled", "retrying", "released", "suspended", "crashed"]
    assert pick(rows, *figures, "success_rate") == [
        (0, 0, 0, 0, 0, 0, 0, None),
        (2, 2, 1, 1, 1, 1, 1, 0.5),
        (0, 0, 0, 0, 0, 0, 1, None),
        *[(0, 0, 0, 0, 0, 0, 0, None)] * 44,
        (1, 0, 0, 0, 0, 0, 0, 1),
    ]


def test_job_durations_and_waits(jobs: Seeds) -> None:
    began = jobs.ago(60)

    def completed(wait: float, duration: float, **columns: Any) -> UUID:
        start = columns.get("run_at", began) + timedelta(seconds=wait)
        end = start + timedelta(seconds=duration)
        return jobs.ended(began, "completed", end, started=start, **columns)

    completed(wait=1, duration=10)
    completed(wait=2, duration=20)
    completed(wait=3, duration=30, run_at=jobs.ago(30))
    # Its worker died a minute after it was due, and it waited four seconds for the next.
    crashed = completed(wait=64, duration=40)
    jobs.attempt(crashed, "crashed", began, began + timedelta(seconds=60))
    # It failed after 100 seconds, was due again after half an hour, and waited five more seconds.
    retried = completed(wait=5, duration=50, run_at=jobs.ago(30))
    jobs.attempt(retried, "retrying", began, began + timedelta(seconds=100), retry_at=jobs.ago(30))
    jobs.ended(began, "failed", jobs.ago(1), error={"code": "x", "message": "x"})
    jobs.ended(jobs.ago(24 * 60 + 1), "completed", jobs.ago(1))

    [row] = run(jobs, "job_durations")

    # Of 5 the 95th percentile lies at 1 + 0.95 * 4 = 4.8: four fifths of the way to the last.
    figures = ["duration_p50", "duration_p95", "duration_max", "wait_p50", "wait_p95", "wait_max"]
    assert row["completed"] == 5
    assert [float(row[figure]) for figure in figures] == [30, 48, 50, 3, 4.8, 5]


def test_retries_and_crashes_by_worker(jobs: Seeds) -> None:
    job_id = jobs.job(jobs.ago(60))
    latest = jobs.job(jobs.ago(59))

    def attempt(outcome: str, minutes: float, worker_id: str, of: UUID = job_id) -> None:
        retry_at = jobs.now if outcome in ("retrying", "suspended") else None
        at = jobs.ago(minutes)
        jobs.attempt(of, outcome, at, at, worker_id=worker_id, retry_at=retry_at)

    attempt("crashed", 40, "shaky")
    attempt("crashed", 20, "shaky", of=latest)
    jobs.ended(jobs.ago(10), "completed", jobs.ago(10), worker_id="shaky")
    attempt("crashed", 25 * 60, "shaky")
    attempt("retrying", 30, "steady")
    attempt("failed", 29, "steady")
    attempt("released", 28, "steady")
    attempt("suspended", 28, "steady")
    jobs.ended(jobs.ago(27), "completed", jobs.ago(27), worker_id="sound")
    attempt("cancelled", 26, "sound")

    rows = run(jobs, "retries_and_crashes")

    figures = ["crashed", "retrying", "failed", "released", "suspended"]
    assert pick(rows, "worker_id", "attempts", *figures) == [
        ("shaky", 3, 2, 0, 0, 0, 0),
        ("steady", 4, 0, 1, 1, 1, 1),
    ]
    assert pick(rows, "last_crashed_at", "latest_crashed_job_id") == [
        (jobs.ago(20), str(latest)),
        (None, None),
    ]


def test_costs_by_user_and_model_of_two_months(jobs: Seeds) -> None:
    this = jobs.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = (this - timedelta(days=1)).replace(day=1)
    other = jobs.user()
    jobs.cost(this, 0.25, input_tokens=10, output_tokens=1)
    jobs.cost(this, 0.5, input_tokens=20, output_tokens=2)
    jobs.cost(this, 2, model="n", input_tokens=5)
    jobs.cost(this, None, user_id=other, input_tokens=7, output_tokens=8)
    jobs.cost(last, 9)
    jobs.cost(last - timedelta(days=1), 100)

    rows = run(jobs, "costs_by_user_and_model")

    assert pick(rows, "month", "user_id", "model", "attempts", "unpriced") == [
        (this.date(), jobs.user_id, "n", 1, 0),
        (this.date(), jobs.user_id, "m", 2, 0),
        (this.date(), other, "m", 1, 1),
        (last.date(), jobs.user_id, "m", 1, 0),
    ]
    assert pick(rows, "input_tokens", "output_tokens", "cost_usd") == [
        (5, None, 2),
        (30, 3, 0.75),
        (7, 8, None),
        (None, None, 9),
    ]


def project(jobs: Seeds, name: str, **columns: Any) -> UUID:
    """A connected repository of the user."""
    project_id = uuid4()
    jobs.insert(
        "plan_projects",
        **{"id": project_id, "user_id": jobs.user_id, "name": name}
        | {"repository_url": f"https://example.com/{name}"}
        | columns,
    )
    return project_id


def test_project_refreshes_by_hour_and_what_they_found(jobs: Seeds) -> None:
    jobs = replace(jobs, job_type="project_refresh")
    hour = jobs.now.replace(minute=0, second=0, microsecond=0)
    last = hour - timedelta(hours=1)
    project_id = project(jobs, "site")

    def found(seconds: float, changes: dict[str, Any], **columns: Any) -> None:
        end = last + timedelta(seconds=seconds)
        job_id = jobs.ended(last, "completed", end, project_id=project_id, **columns)
        jobs.insert(
            "plan_project_refreshes",
            job_id=job_id,
            project_id=project_id,
            job_type=columns.get("job_type", jobs.job_type),
            commit_id="c",
            changes=changes,
        )

    nothing: dict[str, Any] = {
        "percentage": 50,
        "percentage_before": 50,
        "added": 0,
        "skills_added": [],
    }
    found(1, nothing)
    found(2, {**nothing, "percentage_before": None})  # the first time
    found(3, {**nothing, "added": 1})
    found(4, {**nothing, "skills_added": ["Go"]})
    found(5, {"skills_added": [], "skills_removed": []}, job_type="skills_extraction")
    jobs.ended(last, "completed", last + timedelta(seconds=6))  # of a project that was deleted
    jobs.ended(last, "failed", last + timedelta(hours=2), error={"code": "x", "message": "x"})
    jobs.ended(last, "cancelled", last + timedelta(hours=2))
    jobs.job(last)
    jobs.running(hour - timedelta(hours=47))
    jobs.job(hour - timedelta(hours=49))  # too long ago
    jobs.job(last, job_type="training_plan")
    jobs.job(last, user_id=jobs.user())

    rows = run(jobs, "project_refreshes", of=jobs.user_id)

    assert [row["hour"] for row in rows] == [hour - timedelta(hours=n) for n in range(48)]
    figures = ["requested", "on_their_way", "completed", "unchanged", "failed", "cancelled"]
    # Of 6 the 95th percentile lies at 1 + 0.95 * 5 = 5.75: three quarters of the way to the last.
    assert [tuple(map(float, row)) for row in pick(rows[1:2], "duration_p50", "duration_p95")] == [
        (3.5, 5.8)
    ]
    assert pick(rows, *figures) == [
        (0, 0, 0, 0, 0, 0),
        (9, 1, 6, 2, 1, 1),
        *[(0, 0, 0, 0, 0, 0)] * 45,
        (1, 1, 0, 0, 0, 0),
    ]


def test_projects_by_user_and_their_work(jobs: Seeds) -> None:
    jobs = replace(jobs, job_type="project_refresh")
    other = jobs.user()
    project(jobs, "site", processed_at=jobs.ago(30), skills_extracted_at=jobs.ago(20))
    project(jobs, "app", processed_at=jobs.ago(25))
    project(jobs, "new")
    project(jobs, "site", user_id=other)
    # Ten seconds that came to nothing, and thirty.
    again = jobs.ended(jobs.ago(60), "completed", jobs.ago(30), started=jobs.ago(30.5))
    crash = jobs.ago(59)
    jobs.attempt(again, "crashed", crash, crash + timedelta(seconds=10))
    jobs.ended(
        jobs.ago(50),
        "failed",
        jobs.ago(49),  # after a minute
        error={"code": "x", "message": "x"},
        user_id=jobs.user_id,
    )
    jobs.job(jobs.ago(5), job_type="project_processing")
    jobs.ended(jobs.ago(25 * 60), "completed", jobs.ago(1))  # requested more than a day ago
    jobs.ended(jobs.ago(9), "completed", jobs.ago(1), job_type="training_plan")

    columns = ["user_id", "projects", "refreshes", "failed", "seconds", "last_refreshed_at"]
    assert pick(run(jobs, "projects_by_user", of=jobs.user_id), *columns) == [
        (jobs.user_id, 3, 3, 1, 100, jobs.ago(20))
    ]
    assert pick(run(jobs, "projects_by_user", of=other), *columns) == [(other, 1, 0, 0, 0, None)]


def test_schedules_late_ones_first(jobs: Seeds) -> None:
    def add(name: str, minutes: float, **columns: Any) -> None:
        defaults = {"user_id": jobs.user_id, "job_type": jobs.job_type, "period_seconds": 900}
        jobs.insert(
            "plan_job_schedules",
            name=name,
            next_run_at=jobs.ago(minutes),
            **defaults | columns,
        )

    done = jobs.ended(jobs.ago(60), "completed", jobs.ago(50))
    add("later", -10, cron="0 6 * * MON", time_zone="Europe/Madrid")
    add("late", 10, interval_seconds=900, last_job_id=done, last_outcome="created")
    add("paused", 20, interval_seconds=900, paused_at=jobs.ago(30))
    columns = ("name", "due", "is_late", "last_outcome", "last_job_status")
    assert pick(run(jobs, "schedules"), *columns) == [
        ("late", "every 900 s", True, "created", "completed"),
        ("later", "0 6 * * MON Europe/Madrid", False, None, None),
        ("paused", "every 900 s", False, None, None),
    ]


def test_queue_growth_in_slots_of_five_minutes(jobs: Seeds) -> None:
    slot = jobs.now.replace(minute=jobs.now.minute // 5 * 5, second=0, microsecond=0)

    def at(slots_ago: int) -> datetime:
        return slot - timedelta(minutes=5 * slots_ago)

    first = at(35)
    for _ in range(3):
        jobs.job(first)
    jobs.ended(at(20), "completed", at(20) + timedelta(minutes=4, seconds=59))
    jobs.ended(first - timedelta(hours=5), "failed", at(10), error={"code": "x", "message": "x"})
    jobs.job(jobs.ago(23 * 60), status="cancelled", completed_at=at(10))  # while it waited
    jobs.job(at(1))
    jobs.ended(at(36), "completed", at(36))  # too long ago

    rows = run(jobs, "queue_growth")

    assert [row["slot"] for row in rows] == [at(slots_ago) for slots_ago in range(36)]
    changes = {
        slots_ago: (row["requested"], row["ended"])
        for slots_ago, row in enumerate(rows)
        if row["requested"] or row["ended"]
    }
    assert changes == {1: (1, 0), 10: (0, 2), 20: (1, 1), 35: (3, 0)}
    assert [row["growth"] for row in rows] == [2] * 2 + [1] * 9 + [3] * 25


def test_story_of_a_job_from_request_to_delivery(jobs: Seeds) -> None:
    error = {"code": "refused", "message": "No."}
    job_id = jobs.job(
        jobs.ago(60),
        status="failed",
        completed_at=jobs.ago(10),
        error=error,
        cancel_requested_at=jobs.ago(11),
        trace_id="abc",
    )
    jobs.attempt(job_id, "crashed", jobs.ago(50), jobs.ago(40))
    jobs.attempt(
        job_id,
        "failed",
        jobs.ago(20),
        jobs.ago(10),
        worker_id="w2",
        error=error,
        usage={"cost_usd": 0.5},
    )
    jobs.insert(
        "supajobs.steps", job_id=job_id, name="outline", output={}, saved_at=jobs.ago(45), model="m"
    )
    notification_id = uuid4()
    jobs.insert(
        "supajobs.notifications",
        id=notification_id,
        job_id=job_id,
        user_id=jobs.user_id,
        job_type=jobs.job_type,
        event="job.failed",
        occurred_at=jobs.ago(10),
    )
    jobs.insert(
        "supajobs.deliveries",
        notification_id=notification_id,
        channel="webhook",
        status="failed",
        attempts=2,
        tried_at=jobs.ago(9),
        ended_at=jobs.ago(8),
        error="gone",
    )
    jobs.ended(jobs.ago(60), "completed", jobs.ago(30))  # another one

    rows = run(jobs, "story_of_a_job", of=job_id)

    assert pick(rows, "at", "event", "worker_id") == [
        (jobs.ago(60), "requested", None),
        (jobs.ago(50), "started", "w1"),
        (jobs.ago(45), "step_saved", None),
        (jobs.ago(40), "crashed", "w1"),
        (jobs.ago(20), "started", "w2"),
        (jobs.ago(11), "cancel_requested", None),
        (jobs.ago(10), "failed", "w2"),
        (jobs.ago(10), "notification", None),
        (jobs.ago(8), "delivery_failed", None),
    ]
    requested, _, step, *_, failed, _, delivery = [row["details"] for row in rows]
    assert (requested["trace_id"], requested["priority"]) == ("abc", 5)
    assert step == {"name": "outline", "model": "m"}
    assert failed == {"seconds": 600.0, "error": error, "cost_usd": 0.5}
    assert (delivery["attempts"], delivery["error"]) == (2, "gone")


def test_story_of_a_job_that_has_not_ended(jobs: Seeds) -> None:
    def story(job_id: UUID) -> list[tuple[Any, ...]]:
        return pick(run(jobs, "story_of_a_job", of=job_id), "at", "event")

    requested = (jobs.ago(9), "requested")
    assert story(jobs.job(jobs.ago(9))) == [requested, (jobs.ago(9), "waiting")]
    later = jobs.job(jobs.ago(9), run_at=jobs.ago(-5))
    assert story(later) == [requested, (jobs.ago(-5), "waiting")]
    given_back = jobs.job(jobs.ago(9), started_at=jobs.ago(8), updated_at=jobs.ago(7))
    jobs.attempt(given_back, "released", jobs.ago(8), jobs.ago(7))
    assert story(given_back) == [
        requested,
        (jobs.ago(8), "started"),
        (jobs.ago(7), "released"),
        (jobs.ago(7), "waiting"),
    ]
    asleep = jobs.job(jobs.ago(9), run_at=jobs.ago(-5), waiting_for="approval")
    jobs.attempt(asleep, "suspended", jobs.ago(8), jobs.ago(7), retry_at=jobs.ago(-5))
    jobs.insert(
        "supajobs.signals",
        job_id=asleep,
        name="payment",
        payload=Jsonb({}),
        received_at=jobs.ago(6),
    )
    assert story(asleep) == [
        requested,
        (jobs.ago(8), "started"),
        (jobs.ago(7), "suspended"),
        (jobs.ago(6), "signalled"),
        (jobs.ago(-5), "waiting"),
    ]
    running = jobs.running(jobs.ago(9), started_at=jobs.ago(3))
    assert story(running) == [requested, (jobs.ago(3), "started")]
    cancelled = jobs.job(
        jobs.ago(9), status="cancelled", completed_at=jobs.ago(1), cancel_requested_at=jobs.ago(1)
    )
    assert story(cancelled) == [requested, (jobs.ago(1), "cancelled")]
