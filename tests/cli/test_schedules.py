"""Schedules at the command line."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.cli.conftest import Invoke
from tests.parts import Person, Sql

CRON = ("--cron", "0 6 * * MON", "--time-zone", "Europe/Madrid")


def read(sql: Sql, schedule_id: str) -> dict[str, Any]:
    row = sql.execute("select * from plan_job_schedules where id = %s", [schedule_id]).fetchone()
    assert row
    return row


async def test_a_schedule_is_added_paused_resumed_and_removed(
    person: Person, make_job_type: Callable[..., str], invoke: Invoke, sql: Sql
) -> None:
    asked = ("--user", person.id, "--params", '{"hero": "Fox"}', "--catch-up", "none")
    ran = await invoke("schedules", "add", make_job_type(), "weekly", *CRON, *asked)
    assert (ran.code, ran.err) == (0, "")
    schedule_id, told = ran.out.split(" ", 1)
    assert told.startswith("in ")
    row = read(sql, schedule_id)
    assert (row["user_id"], row["name"], row["cron"]) == (person.id, "weekly", "0 6 * * MON")
    assert (row["params"], row["catch_up"], row["overlap"]) == ({"hero": "Fox"}, "none", "skip")

    assert (await invoke("schedules", "pause", schedule_id)).out == f"{schedule_id} paused\n"
    assert read(sql, schedule_id)["paused_at"]
    listed = await invoke("schedules", "list", "--user", person.id)
    [_, line] = listed.out.splitlines()
    assert [word in line for word in (schedule_id, "weekly", "0 6 * * MON Europe/Madrid")] == (
        [True] * 3
    )
    assert "paused" in line
    resumed = await invoke("schedules", "resume", schedule_id, "--json")
    assert resumed.document["paused_at"] is None
    assert "params" not in resumed.document  # they may be private

    assert (await invoke("schedules", "remove", schedule_id)).out == f"{schedule_id} removed\n"
    gone = await invoke("schedules", "remove", schedule_id)
    assert (gone.code, gone.out, gone.err) == (
        1,
        "",
        "schedule_not_found: There is no such schedule.\n",
    )
    assert (await invoke("schedules", "list", "--user", person.id)).err == "No such schedules.\n"


async def test_one_of_the_system_runs_at_an_interval(
    make_job_type: Callable[..., str],
    invoke: Invoke,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    job_type = make_job_type()
    ran = await invoke("schedules", "add", job_type, str(uuid4()), "--every", "2h", "--json")
    assert ran.document["interval_seconds"] == 7200
    assert read(sql, ran.document["id"])["user_id"] is None
    listed = await invoke("schedules", "list", "--system", "--json", "--limit", 1)
    assert listed.document["schedules"] == [ran.document]
    assert not listed.document["has_more"]
    assert "every 2 h" in (await invoke("schedules", "list", "--system")).out
    now = await invoke("schedules", "run", ran.document["id"])
    job = read_job(UUID(now.out.split()[0]))
    assert (job["job_type"], job["user_id"]) == (job_type, None)


async def test_all_that_a_schedule_has_can_be_said(
    person: Person, make_job_type: Callable[..., str], invoke: Invoke, sql: Sql
) -> None:
    project, job_type = uuid4(), make_job_type()
    asked = ("--user", person.id, "--project", project, "--ttl-hours", 5, "--priority", "high")
    times = ("--starts-at", "1d", "--ends-at", "2190-01-01T00:00:00Z")
    how = ("--overlap", "queue", "--catch-up", "all")
    ran = await invoke("schedules", "add", job_type, "a", *CRON, *asked, *times, *how, "--json")
    assert (ran.code, ran.err) == (0, "")
    row = read(sql, ran.document["id"])
    assert (row["project_id"], row["ttl_hours"], row["priority"]) == (project, 5, 8)
    assert row["starts_at"] > datetime.now(UTC)
    assert row["ends_at"] == datetime(2190, 1, 1, tzinfo=UTC)
    assert (row["overlap"], row["catch_up"]) == ("queue", "all")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("--cron", "often", "--time-zone", "UTC"), 1, "cron: not five fields"),
        (("--cron", "0 6 * * MON"), 1, "time_zone: say whose time it is"),
        (("--every", "soon"), 2, "is no time span"),
        ((), 1, "cron: give either cron"),
        (("--every", "2h", "--overlap", "perhaps"), 2, "overlap"),
        (("--every", "2h", "--ttl-hours", "40000"), 1, "ttl_hours: "),
    ],
)
async def test_what_is_wrong_is_said(
    make_job_type: Callable[..., str],
    invoke: Invoke,
    arguments: tuple[str, ...],
    code: int,
    reason: str,
) -> None:
    ran = await invoke("schedules", "add", make_job_type(), "a", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert reason in ran.err
