"""Background jobs in an app of your own."""

from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel

from supajobs import Completed, CurrentUser, RunningJob, Supajobs, job_type


class StoryRequest(BaseModel):
    """What a story is to be about."""

    hero: str


@job_type
async def story(_job: RunningJob, request: StoryRequest) -> Completed:
    """A bedtime story."""
    return Completed(result=f"{request.hero} falls asleep.")


jobs = Supajobs(job_types=[story])
app = FastAPI(lifespan=jobs.lifespan)
app.include_router(jobs.router, prefix="/background")


@app.post("/books")
async def order(user: CurrentUser) -> UUID:
    """Orders a book for who has signed in; answers with the id of its job."""
    return (await jobs.enqueue(story, StoryRequest(hero="Fox"), user_id=user.id)).job.id
