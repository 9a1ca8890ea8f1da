"""Your job types: each is a function here, and a row that a migration in supabase/ adds."""

from functools import partial

from pydantic import BaseModel, Field

from supajobs import Completed, Progress, RunningJob, job_type


class PoemRequest(BaseModel):
    """What is asked for; whatever does not fit is refused."""

    hero: str = Field(min_length=1, max_length=50)


@job_type
async def poem(job: RunningJob, request: PoemRequest) -> Completed:
    """A poem."""
    outline = await job.step("outline", partial(write, f"A poem of {request.hero}"))
    job.report(Progress(phase="writing", percentage=50, message="The outline is there."))
    text = await job.step("text", partial(write, f"{outline}, who falls asleep."))
    return Completed(result={"text": text})


async def write(text: str) -> str:
    """What takes long or costs money: ask a language model here, say."""
    return text
