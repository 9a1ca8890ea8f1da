"""Schedules shown in a terminal."""

from collections.abc import Iterable

from rich.table import Table

from supajobs.cli.screen import make_table
from supajobs.cli.wording import clean, tell_distance, tell_seconds
from supajobs.schedules import Schedule

_WIDTH_FOR_USERS = 170


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
