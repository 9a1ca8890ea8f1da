"""What users see of schedules: their own, read with their own token, so that RLS decides."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from supajobs.api.pages import Cursor
from supajobs.auth import User
from supajobs.errors import ScheduleNotFoundError
from supajobs.queue.database import Database
from supajobs.schedules import Schedule

MAX_PAGE = 100


class ScheduleFilters(BaseModel):
    """Which page of them to list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    cursor: Annotated[Cursor | None, Field(description="As in the `Link` of a page.")] = None


_schedules = TypeAdapter(list[Schedule])


async def read_schedule(database: Database, user: User, schedule_id: UUID) -> Schedule:
    """The schedule; somebody else's is as if it did not exist."""
    query = _select(database, user).eq("id", str(schedule_id))
    found = await database.send(query, _schedules)
    if not found:
        raise ScheduleNotFoundError
    return found[0]


async def read_schedules(
    database: Database, user: User, filters: ScheduleFilters
) -> list[Schedule]:
    """The schedules of a page, and one more if there is a next page."""
    query = _select(database, user)
    if filters.cursor is not None:
        query = query.lt("id", str(filters.cursor))
    return await database.send(query.order("id", desc=True).limit(filters.limit + 1), _schedules)


def _select(database: Database, user: User) -> Any:
    client = database.as_user(user.access_token)
    return client.from_("plan_job_schedules").select(",".join(Schedule.model_fields))
