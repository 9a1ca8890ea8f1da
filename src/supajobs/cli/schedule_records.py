"""Schedules of all users, read as the service sees them, and shown in a terminal."""

from collections.abc import Iterable
from uuid import UUID

from pydantic import TypeAdapter
from rich.table import Table

from supajobs.cli.asking import OpenProject
from supajobs.cli.screen import make_table
from supajobs.cli.wording import clean, tell_distance, tell_seconds
from supajobs.errors import ScheduleNotFoundError
from supajobs.schedules import Schedule

_COLUMNS = ",".join(Schedule.model_fields)
_WIDTH_FOR_USERS = 170

_schedules = TypeAdapter(list[Schedule])


async def read_schedules(
    project: OpenProject, *, user: UUID | None, system: bool, limit: int
) -> list[Schedule]:
    """The newest ones, and one more if there are more."""
    query = project.database.service.from_("plan_job_schedules").select(_COLUMNS)
    if user:
        query = query.eq("user_id", str(user))
    if system:
        query = query.is_("user_id", "null")
    return await project.database.send(query.order("id", desc=True).limit(limit + 1), _schedules)


async def read_schedule(project: OpenProject, schedule_id: UUID) -> Schedule:
    """The schedule, whoever has it.

    Raises:
        ScheduleNotFoundError: there is none.
    """
    query = project.database.service.from_("plan_job_schedules").select(_COLUMNS)
    found = await project.database.send(query.eq("id", str(schedule_id)), _schedules)
    if not found:
        raise ScheduleNotFoundError("There is no such schedule.")
    return found[0]


def list_schedules(schedules: Iterable[Schedule], width: int) -> Table:
    """A schedule in each line."""
    columns = ["id", "name", "job_type", "due", "next_run_at", "last_outcome"]
    columns += ["user_id"] * (width >= _WIDTH_FOR_USERS)
    table = make_table(*columns)
    for each in schedules:
        cells = {
            "id": str(each.id),
            "name": clean(each.name),
            "job_type": clean(each.job_type),
            "due": tell_rule(each),
            "next_run_at": tell_next(each),
            "last_outcome": each.last_outcome or "",
            "user_id": str(each.user_id or ""),
        }
        table.add_row(*(cells[column] for column in columns))
    return table


def tell_rule(schedule: Schedule) -> str:
    """When it is due: 0 6 * * MON Europe/Madrid, or every 15 min."""
    if schedule.interval_seconds is not None:
        return f"every {tell_seconds(schedule.interval_seconds)}"
    return clean(f"{schedule.cron} {schedule.time_zone}")


def tell_next(schedule: Schedule) -> str:
    """When it runs next, or why it does not."""
    if schedule.paused_at:
        return "paused"
    return "ended" if schedule.next_run_at is None else tell_distance(schedule.next_run_at)
