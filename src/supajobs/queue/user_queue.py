"""What a user has in the queue."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter

from supajobs.queue.database import Database


class UserJobType(BaseModel):
    """How many jobs of a type a user has on their way, and when one more may be asked for."""

    job_type: str
    pending: Annotated[int, Field(description="For now, for later, or held.")]
    processing: int
    retry_after: Annotated[
        int | None,
        Field(
            description="Seconds until you may ask for one more, by the type's limits; null: now."
        ),
    ]


_job_types = TypeAdapter(list[UserJobType])


async def read_user_queue(
    database: Database, user_id: UUID, job_types: Iterable[str]
) -> list[UserJobType]:
    """Of these types, of those that are open to users, and of those that the user has jobs of.

    Raises:
        SupabaseUnavailableError: nobody answers.
    """
    params = {"p_user_id": str(user_id), "p_job_types": sorted(job_types)}
    return await database.call("describe_plan_user_queue", params, _job_types)
