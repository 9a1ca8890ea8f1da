"""A training plan that is written anew every week, in the time zone of its user."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.handlers.training_plan.plans import STRENGTH
from tests.parts import Person, Sql, make_settings

from supajobs import Supajobs
from supajobs.app import find_wiring
from supajobs.local.stack import StackInfo


def find_last_monday_evening(zone: ZoneInfo) -> datetime:
    evening = datetime.now(zone).replace(hour=20, minute=0, second=0, microsecond=0)
    while evening.weekday() or evening >= datetime.now(UTC):
        evening = (evening.replace(tzinfo=None) - timedelta(days=1)).replace(tzinfo=zone)
    return evening


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati", "Europe/Madrid"])
async def test_each_plan_starts_on_the_monday_of_its_occurrence(
    stack: StackInfo, person: Person, sql: Sql, zone: str
) -> None:
    """Where the evening is another day than in UTC, too, and however late it is written."""
    jobs = Supajobs(make_settings(stack, api_runs_jobs=False))
    due_at = find_last_monday_evening(ZoneInfo(zone))
    async with jobs, find_wiring(jobs).open_worker() as worker:
        made = await jobs.schedule(
            "training_plan",
            STRENGTH,
            user_id=person.id,
            name="weekly plan",
            cron="0 20 * * MON",
            time_zone=zone,
        )
        sql.execute(
            "update plan_job_schedules set next_run_at = %s where id = %s", [due_at, made.id]
        )
        assert (await worker.processor.drain())["completed"] == 1
    [row] = sql.execute(
        "select plan, params from weekly_base_plans as plan"
        " join plan_generation_jobs as job on job.id = plan.job_id where job.user_id = %s",
        [person.id],
    ).fetchall()
    plan: dict[str, Any] = row["plan"]
    assert plan["starts_on"] == f"{due_at:%Y-%m-%d}"
    assert row["params"]["time_zone"] == zone
