"""How many workers the backlog wants."""

from pydantic import BaseModel, Field, TypeAdapter

from supajobs.queue.database import Database


class Scale(BaseModel):
    """What there is to do, and how many workers for it."""

    due: int = Field(description="Jobs that may start within a minute, by their type's limits.")
    running: int
    workers: int = Field(
        description="(due + running) / jobs_per_worker, rounded up; in total one at least, where "
        "a schedule is due, a message is to be sent, or held jobs may go on."
    )


class JobTypeScale(Scale):
    """That of one job type."""

    job_type: str


class QueueScale(BaseModel):
    """The workers that the backlog wants: of each job type that has jobs, and of all together."""

    job_types: list[JobTypeScale]
    total: Scale
    jobs_per_worker: int


_scale = TypeAdapter(QueueScale)


async def read_scale(database: Database, jobs_per_worker: int) -> QueueScale:
    """How many workers are wanted that run so many jobs each, 1 to 1,000.

    Raises:
        SupabaseUnavailableError: nobody answers.
    """
    params = {"p_jobs_per_worker": jobs_per_worker}
    return await database.call("describe_plan_scale", params, _scale)
