"""What Python's workers run beside those in TypeScript: the same, of the types that they know."""

import asyncio
import os

from pydantic import BaseModel, JsonValue

from supajobs import Completed, RunningJob, job_type


class Number(BaseModel):
    """What is to be doubled, in how many seconds."""

    number: int
    seconds: float


async def double(job: RunningJob, params: Number) -> Completed:
    """As working.mjs has it."""

    async def work() -> JsonValue:
        return 2 * params.number

    doubled = await job.step("double", work)
    await asyncio.sleep(params.seconds)
    return Completed(result={"doubled": doubled, "language": "python"})


IN_PYTHON, IN_EITHER = (job_type(name=name)(double) for name in os.environ["JOB_TYPES"].split(","))
