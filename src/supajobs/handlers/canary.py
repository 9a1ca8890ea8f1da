"""The job type `canary`: tries the way from a request to its end, for `supajobs setup`."""

from pydantic import BaseModel

from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed


class NoParams(BaseModel):
    """It wants to know nothing."""


async def _handle(_job: RunningJob, _params: NoParams) -> Completed:
    return Completed()


CANARY = JobType("canary", NoParams, _handle, description="Ends as soon as it starts.")
