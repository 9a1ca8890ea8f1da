"""A job type of your own."""

from functools import partial

from pydantic import BaseModel, Field, JsonValue

from supajobs import Completed, Progress, RunningJob, job_type


class StoryRequest(BaseModel):
    """What the user sends as params; whatever does not fit is answered with 422."""

    hero: str = Field(min_length=1, max_length=50)
    chapters: int = Field(default=3, ge=1, le=20)


@job_type
async def story(job: RunningJob, request: StoryRequest) -> Completed:
    """A bedtime story, chapter by chapter."""
    chapters: list[JsonValue] = []
    for number in range(1, request.chapters + 1):
        write = partial(write_chapter, request.hero, number)
        chapters.append(await job.step(f"chapter {number}", write))
        percentage = 100 * number // request.chapters
        job.report(Progress(phase="writing", percentage=percentage, message=f"Chapter {number}"))
    return Completed(result={"chapters": chapters})


async def write_chapter(hero: str, number: int) -> str:
    """What takes long or costs money: ask a language model here, say."""
    return f"Chapter {number}, in which {hero} falls asleep."
