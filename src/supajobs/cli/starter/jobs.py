"""Your job types: each is a function here, and a row that a migration in supabase/ adds."""

from functools import partial

from pydantic import BaseModel, Field

from supajobs import Completed, Progress, RunningJob, job_type


class StoryRequest(BaseModel):
    """What is asked for; whatever does not fit is refused."""

    hero: str = Field(min_length=1, max_length=50)


@job_type
async def story(job: RunningJob, request: StoryRequest) -> Completed:
    """A bedtime story."""
    outline = await job.step("outline", partial(write, f"A story of {request.hero}"))
    job.report(Progress(phase="writing", percentage=50, message="The outline is there."))
    text = await job.step("text", partial(write, f"{outline}, who falls asleep."))
    return Completed(result={"text": text})


async def write(text: str) -> str:
    """What takes long or costs money: ask a language model here, say."""
    return text
