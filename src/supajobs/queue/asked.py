"""What a request for a job says, read before it is sent."""

from typing import Any, Required
from uuid import UUID

from supajobs.job_options import read_options
from supajobs.queue.requests import JobOptions


class OwnedOptions(JobOptions):
    """The same, and whose the job is to be."""

    user_id: Required[UUID | None]


def read_asked(user_id: UUID | None, options: JobOptions) -> tuple[UUID | None, JobOptions]:
    """What a request says, whoever has written it; see read_options."""
    read = read_options(OwnedOptions, {**options, "user_id": user_id})
    asked: Any = {name: value for name, value in read.items() if name != "user_id"}
    return read["user_id"], asked
