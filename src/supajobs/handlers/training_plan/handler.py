"""The job type `training_plan`: an outline, then week after week, then the checked plan."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from supajobs.handlers.training_plan.cycling.plan import CyclingPlan
from supajobs.handlers.training_plan.planner import assemble, outline, write_week
from supajobs.handlers.training_plan.request import TrainingPlanRequest, check_dates
from supajobs.handlers.training_plan.strength.plan import StrengthPlan
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import Progress
from supajobs.outcomes import Completed

if TYPE_CHECKING:
    from supajobs.handlers.training_plan.plan import Week

TRAINING_PLAN = "training_plan"

Planner = Callable[[RunningJob, TrainingPlanRequest], Awaitable[CyclingPlan | StrengthPlan]]


async def write_built_in_plan(
    job: RunningJob, request: TrainingPlanRequest, *, seconds_per_week: float
) -> CyclingPlan | StrengthPlan:
    """The plan of the built-in planner, which pauses `seconds_per_week` after each week."""
    # Dates count from the day of the request, so that a retry writes the same plan.
    sketch = outline(request, today=request.get_today(job.claimed.created_at))
    weeks: list[Week] = []
    for number, target in enumerate(sketch.weeks, start=1):
        weeks.append(write_week(sketch, number))
        job.report(
            Progress(
                phase=target.phase,
                percentage=100 * number // (len(sketch.weeks) + 1),
                message=f"Week {number} of {len(sketch.weeks)} is written",
            )
        )
        await asyncio.sleep(seconds_per_week)
    return assemble(sketch, weeks)


def create_training_plan_type(write_plan: Planner) -> JobType[TrainingPlanRequest]:
    """The job type with the planner that writes its plans."""

    async def handle(job: RunningJob, request: TrainingPlanRequest) -> Completed:
        plan = await write_plan(job, request)
        return Completed(result={"title": plan.title}, plan=plan.model_dump(mode="json"))

    return JobType(
        TRAINING_PLAN,
        TrainingPlanRequest,
        handle,
        check_dates,
        "A training plan of 4 to 24 weeks, for cycling (athlete_profile) or strength "
        "(profile_snapshot), written week by week.",
    )
