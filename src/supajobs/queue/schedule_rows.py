"""Schedules of all users, read as the service sees them."""

from uuid import UUID

from pydantic import TypeAdapter

from supajobs.errors import ScheduleNotFoundError
from supajobs.queue.database import Database
from supajobs.schedules import Schedule

_COLUMNS = ",".join(Schedule.model_fields)

_schedules = TypeAdapter(list[Schedule])


async def read_schedules(
    database: Database,
    *,
    user: UUID | None = None,
    system: bool = False,
    before: UUID | None = None,
    limit: int,
) -> list[Schedule]:
    """The newest ones, before this one, and one more if there are more."""
    query = database.service.from_("plan_job_schedules").select(_COLUMNS)
    if user:
        query = query.eq("user_id", str(user))
    if system:
        query = query.is_("user_id", "null")
    if before:
        query = query.lt("id", str(before))
    return await database.send(query.order("id", desc=True).limit(limit + 1), _schedules)


async def read_schedule(database: Database, schedule_id: UUID) -> Schedule:
    """The schedule, whoever has it.

    Raises:
        ScheduleNotFoundError: there is none.
    """
    query = database.service.from_("plan_job_schedules").select(_COLUMNS)
    found = await database.send(query.eq("id", str(schedule_id)), _schedules)
    if not found:
        raise ScheduleNotFoundError("There is no such schedule.")
    return found[0]
