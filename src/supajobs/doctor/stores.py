"""Whether the functions that job types name in `stored_by` can store anything."""

from pydantic import BaseModel, TypeAdapter

from supajobs.doctor.finding import Verdict, enumerate_some, error, ok
from supajobs.doctor.project import Project


class UnusableStore(BaseModel):
    """What is wrong with the function of a job type, and what to do about it."""

    job_type: str
    stored_by: str
    problem: str
    hint: str


unusable_stores = TypeAdapter(list[UnusableStore])


async def check_stores(project: Project) -> Verdict:
    """Whether they exist, and the service alone can call them."""
    unusable = await project.database.call("check_plan_stores", {}, unusable_stores)
    if not unusable:
        return ok("All functions that job types name can store.")
    problems = [f"{each.job_type}: {each.problem}" for each in unusable]
    return error(enumerate_some(problems), " ".join(dict.fromkeys(each.hint for each in unusable)))
